/** One run: the dropped folder and the command line's request in; lines, checkpoints and result files out. */
import { createLoaders } from '../augment/index.ts'
import { type Dataset, type GatheredFolder, readDataset } from '../dataset/index.ts'
import type { TrainEvent } from '../training/events.ts'
import { historyText, predictionsText, recipeText } from '../training/result-texts.ts'
import { TrainerClient } from '../training/trainer-client.ts'
import { CHECKPOINT_KEY, CheckpointCopy, restoreCheckpoint } from './checkpoint-copy.ts'
import { problemText } from './problem-text.ts'
import type { HeadlessMessage, HeadlessRequest } from './protocol.ts'
import { depthLines, epochLine, summaryLines } from './results.ts'
import { fetchFile, putFile } from './transfer.ts'

type End = Extract<HeadlessMessage, { type: 'end' }>
type LastEvent = Extract<TrainEvent, { type: 'finished' | 'failed' }>

export class HeadlessRun {
  #trainer: TrainerClient | null = null
  #stopped = false

  constructor(
    private readonly request: HeadlessRequest,
    private readonly report: (message: HeadlessMessage) => void,
  ) {}

  /** Ends the run after its current step; before the first one, at once. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#trainer?.stop()
  }

  async run(folder: GatheredFolder): Promise<End> {
    const { recipe } = this.request
    const dataset = readDataset(folder, { seed: recipe.seed, validationShare: recipe.validationShare })
    const fatal = dataset.problems.find((problem) => problem.fatal)
    if (fatal)
      return { type: 'end', status: 'bad-input', results: false, text: `--data: ${problemText(fatal)}` }
    for (const problem of dataset.problems) this.#line(`note: ${problemText(problem)}`)
    this.#line(aboutDataset(dataset))
    const loaders = await createLoaders({ count: this.request.loaders ?? undefined })
    const trainer = new TrainerClient({ loaderPorts: () => loaders.connectPorts() })
    this.#trainer = trainer
    try {
      return await this.#train(trainer, dataset)
    } finally {
      trainer.close()
      loaders.close()
    }
  }

  async #train(trainer: TrainerClient, dataset: Dataset): Promise<End> {
    const { recipe, weights, checkpoint, transfer } = this.request
    const copy = new CheckpointCopy(
      (name, content) => putFile(transfer, name, content),
      checkpoint ?? [],
      (files) => this.report({ type: 'checkpoint', files }),
    )
    if (checkpoint) await restoreCheckpoint(transfer, checkpoint)
    let last: LastEvent | null = null
    let epochs = 0
    trainer.onEvent((event) => {
      if (event.type === 'finished' || event.type === 'failed') last = event
      else if (event.type === 'checkpoint') copy.changed()
      else if (event.type === 'stage') epochs = event.epochs
      else if (event.type === 'epoch') this.#line(epochLine(event.log, epochs, event.isBest))
      else if (event.type === 'engine') this.#line(aboutEngine(event))
      else if (event.type === 'photo-skipped') this.#line(`note: ${event.path} is skipped: ${event.reason}`)
      else if (event.type === 'notice') this.#line(`note: ${event.code}: ${event.detail}`)
    })
    if (this.#stopped) return nothingYet
    await trainer.run({
      recipe,
      dataset,
      weights:
        weights === null
          ? undefined
          : { name: weights, bytes: (await fetchFile(transfer, 'weights')).buffer },
      checkpointKey: CHECKPOINT_KEY,
      resume: checkpoint !== null,
    })
    await copy.settled()
    return this.#end(trainer, dataset, last)
  }

  async #end(trainer: TrainerClient, dataset: Dataset, last: LastEvent | null): Promise<End> {
    if (!last) return { type: 'end', status: 'failed', results: false, text: 'the trainer fell silent' }
    const results = await this.#putResults(trainer, dataset, last)
    if (last.type === 'failed') {
      const given = ['weights', 'former-weights', 'no-photos', 'folder-gone', 'checkpoint'].includes(
        last.code,
      )
      const status = given && !results ? 'bad-input' : 'failed'
      return { type: 'end', status, results, text: last.detail }
    }
    if (!results) return nothingYet
    for (const line of summaryLines(last.history, dataset)) this.#line(line)
    if (this.request.tryDepths && last.reason === 'completed')
      for (const line of depthLines(await trainer.tryDepths(dataset))) this.#line(line)
    const text = last.reason === 'stopped' ? 'stopped; the best weights so far are kept' : ''
    return { type: 'end', status: last.reason, results, text }
  }

  /** The result files of what was learned so far; false where no epoch has ended. */
  async #putResults(trainer: TrainerClient, dataset: Dataset, last: LastEvent): Promise<boolean> {
    const engine = await trainer.engine()
    const { history } = last
    if (!engine || !history?.best) return false
    const { kernels, microBatch } = engine
    const recipe =
      last.type === 'finished'
        ? last.recipe
        : { ...this.request.recipe, resolved: { engine: engine.engine, kernels, microBatch } }
    const isWhole = last.type === 'finished' && last.reason === 'completed'
    const predictions = isWhole
      ? last.predictions
      : [...(await trainer.predict(dataset, 'valid')), ...(await trainer.predict(dataset, 'test'))]
    const { transfer } = this.request
    await putFile(transfer, 'results/best.safetensors', new Blob([await trainer.bestWeights()]))
    await putFile(transfer, 'results/history.json', new Blob([historyText(history)]))
    await putFile(
      transfer,
      'results/predictions.csv',
      new Blob([predictionsText(predictions, dataset.classes)]),
    )
    await putFile(transfer, 'results/recipe.json', new Blob([recipeText(recipe)]))
    return true
  }

  #line(text: string): void {
    this.report({ type: 'line', text })
  }
}

const nothingYet: End = {
  type: 'end',
  status: 'stopped',
  results: false,
  text: 'stopped before the first epoch ended',
}

function aboutDataset({ name, classes, samples, splitBySeed }: Dataset): string {
  const count = (split: string) => samples.filter((sample) => sample.split === split).length
  const test = count('test')
  return `${name}: ${classes.length} classes, ${count('train')} photos to train on, ${count('valid')} to validate${splitBySeed ? ' (split off by the seed)' : ''}${test > 0 ? `, ${test} to test` : ''}`
}

function aboutEngine({ info, why, probe }: Extract<TrainEvent, { type: 'engine' }>): string {
  const rates = Object.entries(probe ?? {}).map(([engine, rate]) => `${engine} ${rate.toFixed(1)} photos/s`)
  const reason = { named: 'as asked', probe: 'the faster one', 'only-choice': 'no other here' }[why]
  return `engine: ${info.engine}, ${info.adapter} (${[reason, ...rates].join(', ')})`
}
