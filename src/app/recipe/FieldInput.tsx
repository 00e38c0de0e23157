import { Checkbox, Select, Switch } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { LOCKABLE_STAGES } from '../../model/index.ts'
import type { Recipe } from '../../recipe/index.ts'
import { changeRecipe } from '../../store/index.ts'
import type { Field, Label } from './fields.ts'
import { NumberField, ORDER } from './NumberField.tsx'
import classes from './Recipe.module.css'

interface FieldInputProps {
  field: Field
  recipe: Recipe
  /** Whether a run goes on. */
  active: boolean
  /** What the value means here. */
  note?: string
}

/** One setting. What is typed counts at once where a recipe may have it; else the field says what would be right. */
export function FieldInput({ field, recipe, active, note }: FieldInputProps) {
  const { t } = useTranslation()
  const disabled = active && field.fixedInRun
  const description = disabled ? t('settings.fixed_in_run') : note
  const common = { label: <FieldLabel label={field.label} />, 'data-testid': field.id, disabled }
  switch (field.kind) {
    case 'number':
      return (
        <NumberField
          {...common}
          description={description}
          step={field.step}
          unit={field.unit}
          value={field.get(recipe)}
          onValue={(value) => changeRecipe((now) => field.set(now, value))}
        />
      )
    case 'choice':
      return (
        <Select
          {...common}
          size="xs"
          allowDeselect={false}
          inputWrapperOrder={ORDER}
          description={description}
          value={field.get(recipe)}
          data={field.options.map((value) => ({ value, label: t(`settings.option.${value}`) }))}
          comboboxProps={{ withinPortal: false }}
          onChange={(value) => {
            if (value) changeRecipe((now) => field.set(now, value))
          }}
        />
      )
    case 'switch':
      return (
        <Switch
          {...common}
          size="xs"
          checked={field.get(recipe)}
          onChange={({ currentTarget: { checked } }) => changeRecipe((now) => field.set(now, checked))}
        />
      )
    case 'stages':
      return (
        <Checkbox.Group
          {...common}
          size="xs"
          className={classes.wide}
          value={[...field.get(recipe)]}
          onChange={(names) => changeRecipe((now) => field.set(now, names))}
        >
          <div className={classes.chips}>
            {LOCKABLE_STAGES.map((name) => (
              <Checkbox key={name} size="xs" value={name} label={name} />
            ))}
          </div>
        </Checkbox.Group>
      )
  }
}

function FieldLabel({ label }: { label: Label }) {
  const { t } = useTranslation()
  if ('text' in label) return <>{t(`settings.field.${label.text}`, { stage: label.stage ?? '' })}</>
  return (
    <code className={classes.torchvision}>
      {label.operation} {label.argument}
    </code>
  )
}
