import { Accordion, Alert, Anchor, Button, FocusTrap } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { backboneRests } from '../../model/index.ts'
import { type Recipe, TRAINING_STAGES, type TrainingStage } from '../../recipe/index.ts'
import {
  changeRecipe,
  isActive,
  isUneven,
  lastStage,
  MEMORY_BUDGET,
  machine,
  resetRecipe,
  startingRecipe,
  useApp,
} from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { useStepMemory } from '../shared/use-step-memory.ts'
import { FieldInput } from './FieldInput.tsx'
import { type Field, isChanged, SECTIONS, type Section } from './fields.ts'
import classes from './Recipe.module.css'
import { RecipeFiles } from './RecipeFiles.tsx'

const [RUN, ...OTHERS] = SECTIONS

/** Every setting of the recipe, in sections; its way out and in. */
export function SettingsPanel() {
  const { t } = useTranslation()
  const recipe = useApp((state) => state.recipe)
  const active = useApp(({ run }) => isActive(run.status))
  return (
    <FocusTrap>
      <div className={classes.settings} data-testid="settings-panel">
        <FocusTrap.InitialFocus />
        <div className={classes.settingsHead}>
          <strong>
            {t('settings.recipe', { preset: t(`preset.${recipe.preset}`), name: recipe.preset })}
          </strong>
          <Button variant="subtle" size="compact-xs" data-testid="reset-all" onClick={resetRecipe}>
            {t('settings.reset')}
          </Button>
        </div>
        {active && (
          <Alert color="yellow" p="xs" data-testid="settings-in-run">
            {t('settings.in_run')}
          </Alert>
        )}
        <SectionFields section={RUN} />
        <BalanceProposal />
        <Accordion
          variant="contained"
          chevronPosition="left"
          multiple
          classNames={{
            content: classes.content,
            control: classes.control,
            label: classes.label,
          }}
        >
          {OTHERS.filter((section) => isUsed(section, recipe)).map((section) => (
            <Accordion.Item key={section.name} value={section.name}>
              <Accordion.Control data-testid={`section-${section.name}`}>
                <SectionTitle section={section} />
              </Accordion.Control>
              <Accordion.Panel>
                <SectionFields section={section} />
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
        <Resolved />
        <RecipeFiles />
      </div>
    </FocusTrap>
  )
}

/** Uneven classes are seen by few who open the settings: what would help stands outside its closed section. */
function BalanceProposal() {
  const { t } = useTranslation()
  const dataset = useApp(({ data }) => data.dataset)
  const classWeights = useApp(({ recipe }) => recipe.classWeights)
  const uneven = useMemo(() => dataset !== null && isUneven(dataset), [dataset])
  if (!uneven || classWeights === 'balanced') return null
  return (
    <p className={classes.hint} data-testid="balance-proposal">
      {t('settings.uneven')}{' '}
      <Anchor
        component="button"
        type="button"
        fz="xs"
        data-testid="use-balanced"
        onClick={() => changeRecipe((recipe) => ({ ...recipe, classWeights: 'balanced' }))}
      >
        {t('settings.use_balanced')}
      </Anchor>
    </p>
  )
}

/** A stage without epochs has nothing to set. */
const isUsed = ({ name }: Section, recipe: Recipe): boolean => {
  const stage = TRAINING_STAGES.find((known) => known === name)
  return stage === undefined || recipe.stages[stage].epochs > 0
}

/** A recipe of an earlier run says what it ran on, so that the numbers come out the same. */
function Resolved() {
  const { t } = useTranslation()
  const resolved = useApp(({ recipe }) => recipe.resolved)
  if (!resolved) return null
  const kernels = resolved.kernels.includes(':') ? t('about.kernels.by_layer') : resolved.kernels
  return (
    <p className={classes.resolved} data-testid="resolved">
      {t('settings.resolved', { engine: t(`engine.${resolved.engine}`), kernels })}{' '}
      <Button
        variant="subtle"
        size="compact-xs"
        onClick={() => changeRecipe(({ resolved: _, ...recipe }) => recipe)}
      >
        {t('settings.resolved_forget')}
      </Button>
    </p>
  )
}

function SectionTitle({ section }: { section: Section }) {
  const { t } = useTranslation()
  const changed = useApp(({ recipe }) => isChanged(section, recipe, startingRecipe()))
  return (
    <span className={classes.sectionTitle}>
      {t(`settings.section.${section.name}`)}
      {changed && <span className={classes.changed}>{t('settings.changed')}</span>}
    </span>
  )
}

function SectionFields({ section }: { section: Section }) {
  const { t } = useTranslation()
  const recipe = useApp((state) => state.recipe)
  const active = useApp(({ run }) => isActive(run.status))
  const hasHalfPrecision = useHalfPrecision()
  const changed = isChanged(section, recipe, startingRecipe())
  const note = useNote()
  return (
    <fieldset className={classes.fields} aria-label={t(`settings.section.${section.name}`)}>
      {section.fields
        .filter(({ isThere }) => isThere?.(recipe) ?? true)
        // A recipe may come from where there is half precision.
        .filter(({ id }) => id !== 'precision' || hasHalfPrecision || recipe.precision === 'float16')
        .map((field) => (
          <FieldInput key={field.id} field={field} recipe={recipe} active={active} note={note(field)} />
        ))}
      {changed && section !== RUN && (
        <Button
          className={classes.wide}
          variant="subtle"
          size="compact-xs"
          data-testid={`reset-${section.name}`}
          onClick={() => changeRecipe((now) => section.copy(now, startingRecipe()))}
        >
          {t('settings.reset_section')}
        </Button>
      )}
    </fieldset>
  )
}

const useHalfPrecision = (): boolean => useApp(({ browser }) => browser?.gpu?.f16 ?? false)

/** What a value means for these photos on this machine. */
function useNote(): (field: Field) => string | undefined {
  const { t } = useTranslation()
  const format = useFormat()
  const recipe = useApp((state) => state.recipe)
  const dataset = useApp(({ data }) => data.dataset)
  const engine = useApp(({ probe }) => (recipe.engine === 'auto' ? probe?.chosen : recipe.engine))
  const hasHalfPrecision = useHalfPrecision()
  const { train } = machine().photos
  const { locked } = recipe.stages[lastStage(recipe)]
  const memory = useStepMemory(recipe, locked, dataset?.classes.length ?? 2, train)
  const portions = () => {
    if (!memory || memory.portion === null) return []
    return [
      t('settings.batch_portions', { count: memory.portion }),
      backboneRests(recipe.batchNorm, locked) ? t('settings.portions_exact') : t('settings.portions_differ'),
    ]
  }
  const limit = recipe.memoryLimit === null ? null : recipe.memoryLimit * 1e6
  const step = () => {
    if (!memory) return []
    const size = { memory: format.memory(memory.bytes) }
    return [memory.isBeyond ? t('settings.memory_beyond', size) : t('settings.memory_step', size)]
  }
  const notes: Record<string, () => string[]> = {
    batch: () => {
      if (!dataset) return []
      const steps =
        recipe.batch >= train
          ? t('settings.batch_all', { photos: format.count(train) })
          : t('settings.batch_steps', { count: Math.ceil(train / recipe.batch) })
      return [steps, ...portions()]
    },
    'class-weights': () => [
      recipe.classWeights === 'none' ? t('settings.weights_none') : t('settings.weights_balanced'),
    ],
    'memory-limit': () => [
      limit === null
        ? t('settings.memory_automatic', { limit: format.memory(MEMORY_BUDGET[engine ?? 'wasm']) })
        : t('settings.memory_limited'),
      ...step(),
    ],
    workers: () => [
      recipe.workers > 1 ? t('settings.batch_shared') : t('settings.batch_whole'),
      t('settings.cores_here', { count: navigator.hardwareConcurrency }),
      ...(engine === 'wasm' ? [] : [t('settings.processor_only')]),
    ],
    precision: () => {
      if (recipe.precision === 'float32') return []
      return [hasHalfPrecision ? t('settings.half_precision') : t('settings.half_precision_missing')]
    },
  }
  const patience = (stage: TrainingStage) =>
    recipe.stages[stage].patience === null ? t('settings.patience_off') : t('settings.patience_on')
  return ({ id }) => {
    const stage = TRAINING_STAGES.find((name) => id === `patience-${name}`)
    return stage ? patience(stage) : notes[id]?.().join(' ')
  }
}
