import { Button, FocusTrap, Switch } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { AUGMENTATION_NUMBERS, isOn, OPERATIONS, type OperationName } from '../../recipe/index.ts'
import { isActive, toggleAugmentation, toggleOperation, useApp } from '../../store/index.ts'
import classes from './AugmentationPanel.module.css'
import { NumberSlider } from './NumberSlider.tsx'
import { isRisky } from './risky.ts'

const RESIZE = 'Resize'

/** All operations by torchvision's names: a switch each, and their numbers. */
export function Operations({ trapsFocus = false }: { trapsFocus?: boolean }) {
  const { t } = useTranslation()
  const active = useApp(({ run }) => isActive(run.status))
  const any = useApp(({ recipe }) => OPERATIONS.some((name) => isOn(recipe.augmentation, name)))
  return (
    <FocusTrap active={trapsFocus}>
      <div className={classes.operations} data-testid="operations">
        {trapsFocus && <FocusTrap.InitialFocus />}
        <div className={classes.operationsHead}>
          <strong>{t('augmentation.title')}</strong>
          <Button
            size="compact-xs"
            variant="subtle"
            data-testid="augmentation-all"
            onClick={() => toggleAugmentation(!any)}
          >
            {any ? t('augmentation.all_off') : t('augmentation.all_on')}
          </Button>
        </div>
        {active && <p className={classes.note}>{t('augmentation.next_run')}</p>}
        <ul className={classes.list}>
          <li className={classes.operation}>
            <code className={classes.operationName}>{RESIZE}</code>
            <p className={classes.note}>{t(`augmentation.about.${RESIZE}`)}</p>
            <Numbers operation={RESIZE} />
          </li>
          {OPERATIONS.map((name) => (
            <Operation key={name} name={name} />
          ))}
        </ul>
      </div>
    </FocusTrap>
  )
}

function Operation({ name }: { name: OperationName }) {
  const { t } = useTranslation()
  const on = useApp(({ recipe }) => isOn(recipe.augmentation, name))
  const risky = useApp(({ recipe }) => isRisky(recipe.augmentation, name))
  return (
    <li className={classes.operation} data-testid={`operation-${name}`} data-on={on ? true : undefined}>
      <Switch
        size="xs"
        checked={on}
        label={<code className={classes.operationName}>{name}</code>}
        data-testid={`toggle-${name}`}
        onChange={() => toggleOperation(name)}
      />
      <p className={classes.note} data-risky={risky ? true : undefined}>
        {t(`augmentation.about.${name}`)}
      </p>
      {on && <Numbers operation={name} />}
    </li>
  )
}

function Numbers({ operation }: { operation: OperationName | 'Resize' }) {
  const recipe = useApp((state) => state.recipe)
  return AUGMENTATION_NUMBERS.filter((number) => number.operation === operation).map((number) => (
    <NumberSlider
      key={number.id}
      number={number}
      recipe={recipe}
      label={<code>{number.argument}</code>}
      name={`${operation} ${number.argument}`}
    />
  ))
}
