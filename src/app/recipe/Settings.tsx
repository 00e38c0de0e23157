import { Button, NumberInput, Popover, Select } from '@mantine/core'
import { IconAdjustments } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ENGINES, type Recipe } from '../../recipe/index.ts'
import { changeRecipe, changeSize, choosePreset, isActive, useApp } from '../../store/index.ts'
import classes from './Recipe.module.css'

/** The main settings of the recipe; a value that a recipe may not have is not taken. */
export function Settings() {
  const { t } = useTranslation()
  const recipe = useApp((state) => state.recipe)
  const active = useApp(({ run }) => isActive(run.status))
  return (
    <Popover position="bottom-end" shadow="lg" withArrow trapFocus>
      <Popover.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconAdjustments size={16} />}
          data-testid="settings"
        >
          {t('settings.open')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={classes.settings} data-testid="settings-panel">
          <div className={classes.settingsHead}>
            <strong>{t('settings.recipe', { preset: recipe.preset })}</strong>
            <Button
              variant="subtle"
              size="compact-xs"
              disabled={active}
              onClick={() => choosePreset(recipe.preset)}
            >
              {t('settings.reset')}
            </Button>
          </div>
          {active && <span className={classes.hint}>{t('settings.locked')}</span>}
          <RunFields recipe={recipe} disabled={active} />
          <AugmentationFields recipe={recipe} disabled={active} />
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

interface FieldsProps {
  recipe: Recipe
  disabled: boolean
}

interface NumberFieldProps {
  label: string
  value: number
  step: number
  min: number
  max: number
  testId: string
  onValue(value: number): void
}

/** What is being typed may pass through values that no recipe has: the field keeps it until it is left. */
function NumberField({ label, value, step, min, max, testId, onValue }: NumberFieldProps) {
  const [draft, setDraft] = useState<number | string | null>(null)
  return (
    <NumberInput
      size="xs"
      label={label}
      value={draft ?? value}
      step={step}
      min={min}
      max={max}
      decimalScale={6}
      clampBehavior="none"
      data-testid={testId}
      onChange={(next) => {
        setDraft(next)
        if (typeof next === 'number' && next >= min && next <= max) onValue(next)
      }}
      onBlur={() => {
        if (typeof draft === 'number') onValue(Math.min(max, Math.max(min, draft)))
        setDraft(null)
      }}
    />
  )
}

function RunFields({ recipe, disabled }: FieldsProps) {
  const { t } = useTranslation()
  const stage = (name: 'head' | 'all', change: (of: Recipe['stages']['head']) => Recipe['stages']['head']) =>
    changeRecipe((now) => ({ ...now, stages: { ...now.stages, [name]: change(now.stages[name]) } }))
  return (
    <fieldset className={classes.fields} disabled={disabled}>
      <legend>{t('settings.section_run')}</legend>
      {(['head', 'all'] as const).map((name) => (
        <NumberField
          key={`epochs-${name}`}
          label={t(`settings.epochs_${name}`)}
          value={recipe.stages[name].epochs}
          step={1}
          min={0}
          max={1000}
          testId={`epochs-${name}`}
          onValue={(epochs) => stage(name, (of) => ({ ...of, epochs }))}
        />
      ))}
      {(['head', 'all'] as const).map((name) => (
        <NumberField
          key={`rate-${name}`}
          label={t(`settings.rate_${name}`)}
          value={recipe.stages[name].optimizer.learningRate}
          step={0.001}
          min={0.000001}
          max={10}
          testId={`rate-${name}`}
          onValue={(learningRate) =>
            stage(name, (of) => ({ ...of, optimizer: { ...of.optimizer, learningRate } }))
          }
        />
      ))}
      <NumberField
        label={t('settings.batch')}
        value={recipe.batch}
        step={8}
        min={1}
        max={512}
        testId="batch"
        onValue={(batch) => changeRecipe((now) => ({ ...now, batch }))}
      />
      <NumberField
        label={t('settings.size')}
        value={recipe.evaluation.crop}
        step={32}
        min={32}
        max={512}
        testId="size"
        onValue={(size) => changeSize(size)}
      />
      <NumberField
        label={t('settings.seed')}
        value={recipe.seed}
        step={1}
        min={0}
        max={4294967295}
        testId="seed"
        onValue={(seed) => changeRecipe((now) => ({ ...now, seed }))}
      />
      <Select
        size="xs"
        label={t('settings.engine')}
        disabled={disabled}
        allowDeselect={false}
        value={recipe.engine}
        data={[
          { value: 'auto', label: t('settings.engine_auto') },
          ...ENGINES.map((engine) => ({ value: engine, label: t(`engine.${engine}`) })),
        ]}
        comboboxProps={{ withinPortal: false }}
        data-testid="engine"
        onChange={(value) => {
          const engine = (['auto', ...ENGINES] as const).find((name) => name === value)
          if (engine) changeRecipe((now) => ({ ...now, engine }))
        }}
      />
    </fieldset>
  )
}

type Jitter = keyof Recipe['augmentation']['jitter']
const JITTER: readonly Jitter[] = ['brightness', 'contrast', 'saturation', 'hue']

function AugmentationFields({ recipe, disabled }: FieldsProps) {
  const { t } = useTranslation()
  const { augmentation } = recipe
  const { geometry } = augmentation
  const change = (changes: Partial<Recipe['augmentation']>) =>
    changeRecipe((now) => ({ ...now, augmentation: { ...now.augmentation, ...changes } }))
  return (
    <fieldset className={classes.fields} disabled={disabled}>
      <legend>{t('settings.section_augmentation')}</legend>
      {geometry.kind === 'resize-rotate-crop' ? (
        <NumberField
          label={t('settings.rotation')}
          value={geometry.rotation}
          step={5}
          min={0}
          max={180}
          testId="rotation"
          onValue={(rotation) => change({ geometry: { ...geometry, rotation } })}
        />
      ) : (
        <NumberField
          label={t('settings.scale')}
          value={geometry.scale[0]}
          step={0.05}
          min={0.05}
          max={1}
          testId="scale"
          onValue={(least) => change({ geometry: { ...geometry, scale: [least, geometry.scale[1]] } })}
        />
      )}
      <NumberField
        label={t('settings.horizontal')}
        value={augmentation.horizontalFlip}
        step={0.1}
        min={0}
        max={1}
        testId="horizontal"
        onValue={(horizontalFlip) => change({ horizontalFlip })}
      />
      <NumberField
        label={t('settings.vertical')}
        value={augmentation.verticalFlip}
        step={0.1}
        min={0}
        max={1}
        testId="vertical"
        onValue={(verticalFlip) => change({ verticalFlip })}
      />
      <NumberField
        label={t('settings.grayscale')}
        value={augmentation.grayscale}
        step={0.05}
        min={0}
        max={1}
        testId="grayscale"
        onValue={(grayscale) => change({ grayscale })}
      />
      {JITTER.map((name) => (
        <NumberField
          key={name}
          label={t(`settings.${name}`)}
          value={augmentation.jitter[name]}
          step={0.05}
          min={0}
          max={name === 'hue' ? 0.5 : 2}
          testId={name}
          onValue={(value) => change({ jitter: { ...augmentation.jitter, [name]: value } })}
        />
      ))}
    </fieldset>
  )
}
