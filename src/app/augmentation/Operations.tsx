import { Button, FocusTrap, Switch } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { AUGMENTATION_NUMBERS, isOn, OPERATIONS, type OperationName } from '../../recipe/index.ts'
import { changeSize, isActive, toggleAugmentation, toggleOperation, useApp } from '../../store/index.ts'
import classes from './AugmentationPanel.module.css'
import { AugmentationSlider } from './AugmentationSlider.tsx'
import { NumberSlider } from './NumberSlider.tsx'
import { isRisky } from './risky.ts'

const RESIZE = 'Resize'
const CENTER_CROP = 'CenterCrop'
/** In px. */
const CROP_RANGE = { min: 32, max: 256, step: 32 }

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
          <Size />
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
      {on && name === 'RandomResizedCrop' && <CropSize operation={name} />}
    </li>
  )
}

/** How a photo gets its size where it is not a random part: Resize and CenterCrop. */
function Size() {
  const { t } = useTranslation()
  const isRandom = useApp(({ recipe }) => isOn(recipe.augmentation, 'RandomResizedCrop'))
  if (isRandom) return null
  return (
    <li className={classes.operation}>
      <code className={classes.operationName}>{`${RESIZE}, ${CENTER_CROP}`}</code>
      <p className={classes.note}>{t('augmentation.about.Resize')}</p>
      <Numbers operation={RESIZE} />
      <CropSize operation={CENTER_CROP} />
    </li>
  )
}

/** The size that the network sees, in training and validation alike. */
function CropSize({ operation }: { operation: OperationName | typeof CENTER_CROP }) {
  const size = useApp(({ recipe }) => recipe.evaluation.crop)
  const argument = operation === CENTER_CROP ? 'crop' : 'size'
  return (
    <NumberSlider
      id="crop"
      value={size}
      range={CROP_RANGE}
      label={<code>{argument}</code>}
      name={`${operation} size`}
      onValue={changeSize}
    />
  )
}

function Numbers({ operation }: { operation: OperationName | typeof RESIZE }) {
  return (
    <>
      {AUGMENTATION_NUMBERS.filter((number) => number.operation === operation).map((number) => (
        <AugmentationSlider
          key={number.id}
          number={number}
          label={<code>{number.argument}</code>}
          name={`${operation} ${number.argument}`}
        />
      ))}
    </>
  )
}
