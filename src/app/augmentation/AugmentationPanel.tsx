import { ActionIcon, Button, Popover, Tooltip } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconAdjustmentsHorizontal, IconAlertTriangle, IconPlayerTrackNext } from '@tabler/icons-react'
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { AUGMENTATION_NUMBERS, OPERATIONS } from '../../recipe/index.ts'
import { lastStage, useApp } from '../../store/index.ts'
import { InfoTip } from '../shared/InfoTip.tsx'
import classes from './AugmentationPanel.module.css'
import { AugmentationSlider } from './AugmentationSlider.tsx'
import { isRisky } from './risky.ts'
import { usePreview } from './use-preview.ts'

const Operations = lazy(() => import('./Operations.tsx').then((module) => ({ default: module.Operations })))

const VIEWS = ['1', '2', '3', '4', '5', '6', '7', '8']

/** One training photo eight ways, as training sees it: the very pixels; two sliders beside it, the rest behind a button. */
export function AugmentationPanel() {
  const { t } = useTranslation()
  const dataset = useApp(({ data }) => data.dataset)
  const augmentation = useApp(({ recipe }) => recipe.augmentation)
  const seed = useApp(({ recipe }) => recipe.seed)
  const { cachedViews, plainView } = useApp(({ recipe }) => recipe.stages[lastStage(recipe)])
  // The plain photo is none of those that are drawn here.
  const views = cachedViews === null ? VIEWS.length : cachedViews - (plainView ? 1 : 0)
  const [turn, setTurn] = useState(0)
  const [open, setOpen] = useState(false)
  const narrow = useMediaQuery('(max-width: 719px)') ?? false
  const grid = useRef<HTMLDivElement>(null)

  const photos = useMemo(() => dataset?.samples.filter(({ split }) => split === 'train') ?? [], [dataset])
  // Far from the one before, so that all classes have their turn.
  const sample = photos.at(Math.floor(turn * photos.length * 0.618) % Math.max(1, photos.length))
  const wanted = useMemo(
    () => (sample ? { sample, augmentation, seed, count: VIEWS.length } : null),
    [sample, augmentation, seed],
  )
  const draw = useCallback((images: ImageData[]) => {
    const canvases = grid.current?.querySelectorAll('canvas') ?? []
    for (const [index, image] of images.entries()) {
      const canvas = canvases[index]
      if (!canvas) continue
      canvas.width = image.width
      canvas.height = image.height
      canvas.getContext('2d')?.putImageData(image, 0, 0)
    }
  }, [])
  const failed = usePreview(wanted, draw)
  const name = sample?.path ?? ''

  return (
    <div className={classes.panel} data-testid="augmentation-preview">
      <div className={classes.head}>
        <span className={classes.title}>{t('augmentation.preview')}</span>
        <Risks />
        <Tooltip label={t('augmentation.next_photo')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={t('augmentation.next_photo')}
            data-testid="next-photo"
            onClick={() => setTurn(turn + 1)}
          >
            <IconPlayerTrackNext size={14} />
          </ActionIcon>
        </Tooltip>
        <AllOperations open={open} narrow={narrow} onOpen={setOpen} />
      </div>
      <div
        className={classes.views}
        ref={grid}
        role="img"
        aria-label={t('augmentation.views', { name, count: VIEWS.length })}
        title={name}
        data-testid="augmentation-views"
      >
        {VIEWS.map((view, index) => (
          <canvas key={view} width={1} height={1} data-unused={index >= views ? true : undefined} />
        ))}
      </div>
      {failed && <p className={classes.note}>{t('augmentation.unreadable', { name })}</p>}
      {cachedViews !== null && (
        <p className={classes.note}>
          {!plainView && t('augmentation.few_views', { count: views })}
          {plainView && views === 0 && t('augmentation.plain_only')}
          {plainView && views > 0 && t('augmentation.plain_and', { count: views })}
        </p>
      )}
      {open && narrow ? (
        <div className={classes.below}>
          <Suspense fallback={null}>
            <Operations />
          </Suspense>
        </div>
      ) : (
        <QuickSliders />
      )}
    </div>
  )
}

/** The two numbers that change most, in one line each. */
function QuickSliders() {
  const { t } = useTranslation()
  const geometry = useApp(({ recipe }) =>
    recipe.augmentation.geometry.kind === 'resize-rotate-crop' ? 'rotation' : 'scale-from',
  )
  return (
    <div className={classes.quick}>
      {([geometry, 'brightness'] as const).map((id) => {
        const number = AUGMENTATION_NUMBERS.find((one) => one.id === id)
        const name = t(`augmentation.quick.${id}`)
        return number && <AugmentationSlider key={id} number={number} label={name} name={name} />
      })}
    </div>
  )
}

/** Says where what is switched on would hurt. */
function Risks() {
  const { t } = useTranslation()
  const augmentation = useApp(({ recipe }) => recipe.augmentation)
  const risky = OPERATIONS.filter((name) => isRisky(augmentation, name))
  if (risky.length === 0) return null
  return (
    <InfoTip
      label={t('augmentation.risks')}
      icon={<IconAlertTriangle size={14} className={classes.warn} />}
      text={risky.map((name) => t(`augmentation.about.${name}`)).join(' ')}
    />
  )
}

interface AllOperationsProps {
  open: boolean
  /** No room beside the column. */
  narrow: boolean
  onOpen(open: boolean): void
}

/** Beside the column where there is room, so that the photos stay in sight. */
function AllOperations({ open, narrow, onOpen }: AllOperationsProps) {
  const { t } = useTranslation()
  const button = (
    <Button
      size="compact-xs"
      variant="default"
      leftSection={<IconAdjustmentsHorizontal size={13} />}
      aria-expanded={open}
      data-testid="augmentation-more"
      onClick={() => onOpen(!open)}
    >
      {t('augmentation.more')}
    </Button>
  )
  if (narrow) return button
  return (
    <Popover
      opened={open}
      onChange={onOpen}
      position="right-end"
      offset={18}
      shadow="lg"
      withArrow
      returnFocus
    >
      <Popover.Target>{button}</Popover.Target>
      <Popover.Dropdown p={0}>
        <Suspense fallback={null}>
          <Operations trapsFocus />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  )
}
