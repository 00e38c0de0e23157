/** The study's file as Markdown: a table for each group of recipes, and whether the presets reach their targets. */
import { CHECKED, GROUPS, type Group, RECIPES, recipesOf, type StudyRecipe, TARGETS } from './recipes.ts'
import { recipesSha256, type StudyRecord } from './record.ts'

const HEAD = [
  'recipe',
  'folder',
  'seeds',
  'mean',
  'lowest',
  'highest',
  'seconds',
  'ready after',
  'epochs',
  'best stage',
  'cores',
]

/** The columns' meaning, to stand above the tables. */
const LEGEND = `Best validation accuracy over the seeds. Seconds from the request to the result files, and how many of them passed before
the engine was ready (weights among them); both and the epochs are means. Of a row with two runs, one starting from the
other's weights: the accuracy of the second (the first's in brackets), the seconds and epochs of both.`

interface Row {
  label: string
  folder: string
  records: readonly StudyRecord[]
}

export function summaryText(records: readonly StudyRecord[]): string {
  const own = records.filter(({ by }) => by === 'tabtune')
  if (own.length === 0) return 'No runs yet.\n'
  const groups = Object.entries(GROUPS).flatMap(([group, title]) => {
    const rows = RECIPES.filter(({ groups }) => groups.includes(group as Group))
    const of = rows.map((row) => [row, rowsOf(row, own)] as const).filter(([, found]) => found.length > 0)
    // The presets stand in many groups, and alone compare nothing but how much of the network learns.
    if (of.length === 0 || (group !== 'depth' && of.every(([{ groups }]) => groups.length > 1))) return []
    const lines = of.map(([{ name, tests }]) => `- \`${name}\`: ${tests}`)
    return [`### ${title}\n\n${lines.join('\n')}\n\n${table(of.flatMap(([, found]) => found))}`]
  })
  const leftOver = olderRows(own)
  if (leftOver.length > 0)
    groups.push(`### Recipes that the table no longer has as they were\n\n${table(leftOver)}`)
  return [LEGEND, ...groups, ...peerSection(records)].join('\n\n').concat('\n')
}

const shaOf = (row: StudyRecipe) => recipesSha256(recipesOf(row, 0))

/** A row for each folder on which the recipe ran as the table has it today. */
function rowsOf(row: StudyRecipe, records: readonly StudyRecord[]): Row[] {
  const sha256 = shaOf(row)
  const own = records.filter((record) => record.recipe === row.name && record.sha256 === sha256)
  return byFolder(own).map(([folder, found]) => ({ label: row.name, folder, records: found }))
}

function olderRows(records: readonly StudyRecord[]): Row[] {
  const today = new Set(RECIPES.map((row) => `${row.name} ${shaOf(row)}`))
  const older = records.filter(({ recipe, sha256 }) => !today.has(`${recipe} ${sha256}`))
  const groups = grouped(older, ({ recipe, sha256 }) => `${recipe} (${sha256.slice(0, 8)})`)
  return [...groups].flatMap(([label, own]) =>
    byFolder(own).map(([folder, found]) => ({ label, folder, records: found })),
  )
}

/** Photos that came or went make another folder of it. */
function byFolder(records: readonly StudyRecord[]): [string, StudyRecord[]][] {
  const groups = grouped(records, ({ data, photos }) => `${data}, ${photos} photos`)
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** `Map.groupBy`, which Node 20 lacks. */
function grouped<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value])
  return groups
}

export const accuracyOf = ({ parts }: StudyRecord): number => parts[parts.length - 1].best.accuracy

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const secondsOf = ({ parts }: StudyRecord) => parts.reduce((sum, part) => sum + part.seconds, 0)

const accuracy = (value: number) => value.toFixed(3)
const round = (value: number) => String(Math.round(value))

function cells({ label, folder, records }: Row): string[] {
  const accuracies = records.map(accuracyOf)
  const firsts = records.flatMap(({ parts }) => (parts.length > 1 ? [parts[0].best.accuracy] : []))
  const ready = records.flatMap(({ parts }) =>
    parts.every(({ readySeconds }) => readySeconds !== null)
      ? [parts.reduce((sum, { readySeconds }) => sum + (readySeconds ?? 0), 0)]
      : [],
  )
  return [
    label,
    folder,
    records
      .map(({ seed }) => seed)
      .toSorted((a, b) => a - b)
      .join(' '),
    `${accuracy(mean(accuracies))}${firsts.length > 0 ? ` (${accuracy(mean(firsts))})` : ''}`,
    accuracy(Math.min(...accuracies)),
    accuracy(Math.max(...accuracies)),
    round(mean(records.map(secondsOf))),
    ready.length > 0 ? mean(ready).toFixed(1) : '',
    epochsCell(records),
    bestStageCell(records),
    [...new Set(records.map(({ cores }) => cores))].toSorted((a, b) => a - b).join(' '),
  ]
}

/** `head 30 + upper 9.3`, in the order in which the stages ran. */
function epochsCell(records: readonly StudyRecord[]): string {
  const all = records[0].parts.flatMap(({ stages }, part) =>
    stages.map(({ stage }) => {
      const epochs = records.flatMap(({ parts }) =>
        (parts[part]?.stages ?? []).flatMap((ran) => (ran.stage === stage ? [ran.epochs] : [])),
      )
      return `${stage} ${Number(mean(epochs).toFixed(1))}`
    }),
  )
  return all.join(' + ')
}

/** `upper 2, head 1`: how many seeds each stage was the best of. */
function bestStageCell(records: readonly StudyRecord[]): string {
  const groups = grouped(records, ({ parts }) => parts[parts.length - 1].best.stage)
  return [...groups]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([stage, of]) => (groups.size > 1 ? `${stage} ${of.length}` : stage))
    .join(', ')
}

const table = (rows: readonly Row[]) => markdownTable(HEAD, rows.map(cells))

const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

function mirroredCell({ parts }: StudyRecord): string {
  const { mirrored } = parts[parts.length - 1]
  return mirrored === undefined ? '' : accuracy(mirrored)
}

/** This project's runs beside PyTorch's of the same recipe, photos and seed. */
function peerSection(records: readonly StudyRecord[]): string[] {
  const rows = records
    .filter(({ by }) => by === 'pytorch')
    .flatMap((theirs) => {
      const ours = records.findLast(
        ({ by, recipe, sha256, data, photos, seed }) =>
          by === 'tabtune' &&
          recipe === theirs.recipe &&
          sha256 === theirs.sha256 &&
          data === theirs.data &&
          photos === theirs.photos &&
          seed === theirs.seed,
      )
      if (!ours) return []
      const difference = accuracyOf(ours) - accuracyOf(theirs)
      return [
        [
          theirs.recipe,
          `${theirs.data}, ${theirs.photos} photos`,
          String(theirs.seed),
          accuracy(accuracyOf(ours)),
          accuracy(accuracyOf(theirs)),
          mirroredCell(theirs),
          `${difference >= 0 ? '+' : ''}${difference.toFixed(3)}`,
          `${round(secondsOf(ours))} (${ours.cores})`,
          `${round(secondsOf(theirs))} (${theirs.cores})`,
          (secondsOf(ours) / secondsOf(theirs)).toFixed(1),
          theirs.parts[0].engine,
        ],
      ]
    })
  if (rows.length === 0) return []
  const head = [
    'recipe',
    'folder',
    'seed',
    'here',
    'PyTorch',
    'with mirror images',
    'differs',
    'seconds here (cores)',
    'PyTorch (cores)',
    'times as long',
    'version',
  ]
  return [`### Beside PyTorch\n\n${markdownTable(head, rows)}`]
}

interface Checked {
  /** `quick on hymenoptera: 0.935 over seeds 1 2 3, target 0.930: reached` */
  text: string
  missed: boolean
}

/** The checked presets on one folder. A target without all of the wanted seeds is missed; without a target a row is only told. */
export function checkFolder(
  records: readonly StudyRecord[],
  folder: { name: string; photos: number },
  seeds: readonly number[],
): Checked[] {
  return CHECKED.map((name) => {
    const row = RECIPES.find((recipe) => recipe.name === name)
    const sha256 = row && shaOf(row)
    const own = seeds.flatMap(
      (seed) =>
        records.findLast(
          (record) =>
            record.by === 'tabtune' &&
            record.recipe === name &&
            record.sha256 === sha256 &&
            record.data === folder.name &&
            record.photos === folder.photos &&
            record.seed === seed,
        ) ?? [],
    )
    const target = TARGETS[folder.name]?.[name]
    const about = `${name} on ${folder.name}`
    if (own.length < seeds.length)
      return { text: `${about}: ${own.length} of ${seeds.length} seeds ran`, missed: target !== undefined }
    const reached = mean(own.map(accuracyOf))
    const found = `${about}: ${accuracy(reached)} over seeds ${seeds.join(' ')}`
    if (target === undefined) return { text: `${found}, no target`, missed: false }
    // Means of fractions of a few hundred photos are compared, not their last bits.
    const missed = reached < target - 1e-9
    return { text: `${found}, target ${accuracy(target)}: ${missed ? 'not reached' : 'reached'}`, missed }
  })
}
