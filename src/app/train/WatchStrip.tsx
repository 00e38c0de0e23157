import { ActionIcon, Slider } from '@mantine/core'
import { IconCheck, IconChevronLeft, IconChevronRight, IconX } from '@tabler/icons-react'
import { type KeyboardEvent, memo, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Sample } from '../../dataset/types.ts'
import { type AppState, useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { Thumbnail } from '../shared/Thumbnail.tsx'
import { useSlowly } from './use-slowly.ts'
import classes from './WatchStrip.module.css'

interface WatchedPhoto {
  sample: Sample
  /** The class now given; null where this page did not see that epoch. */
  answer: number | null
}

const watchedOf = ({ run }: AppState) => run.watched

/** The same validation photos during the whole run; a slider goes back through the epochs. */
export const WatchStrip = memo(function WatchStrip() {
  const { t } = useTranslation()
  const watched = useSlowly(watchedOf)
  const samples = useApp(({ data }) => data.dataset?.samples)
  // Null follows the newest epoch.
  const [chosen, setChosen] = useState<number | null>(null)
  const total = watched.values().next().value?.length ?? 0
  const epoch = Math.min(chosen ?? total, total)
  const photos = useMemo(() => {
    const byPath = new Map(samples?.filter(({ path }) => watched.has(path)).map((one) => [one.path, one]))
    return [...watched].flatMap(([path, given]): WatchedPhoto[] => {
      const sample = byPath.get(path)
      const answer = given[epoch - 1]
      return sample ? [{ sample, answer: answer === undefined || answer < 0 ? null : answer }] : []
    })
  }, [watched, samples, epoch])

  return (
    <section className={classes.strip} aria-label={t('watch.title')} data-testid="watch">
      {photos.length === 0 ? (
        <p className={classes.text}>{t('watch.empty')}</p>
      ) : (
        <>
          <div className={classes.side}>
            <Caption photos={photos} />
            <EpochSlider
              epoch={epoch}
              total={total}
              onEpoch={(value) => setChosen(value === total ? null : value)}
            />
          </div>
          <Photos photos={photos} />
        </>
      )}
    </section>
  )
})

function Caption({ photos }: { photos: readonly WatchedPhoto[] }) {
  const { t } = useTranslation()
  const format = useFormat()
  const right = photos.filter(({ sample, answer }) => answer === sample.label).length
  const isKnown = photos.some(({ answer }) => answer !== null)
  return (
    <span data-testid="watch-count">
      {isKnown
        ? t('watch.right_of', { right: format.count(right), photos: format.count(photos.length) })
        : t('watch.not_seen')}
    </span>
  )
}

interface EpochSliderProps {
  /** 1 for the run's first epoch. */
  epoch: number
  total: number
  onEpoch(epoch: number): void
}

function EpochSlider({ epoch, total, onEpoch }: EpochSliderProps) {
  const { t } = useTranslation()
  const log = useApp(({ run }) => run.epochs[epoch - 1])
  const where = log
    ? t('watch.epoch_of_stage', { epoch: log.epoch, stage: t(`chart.stage_${log.stage}_short`) })
    : t('chart.epoch_n', { epoch })
  return (
    <>
      <div className={classes.epoch}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={t('watch.back')}
          disabled={epoch <= 1}
          onClick={() => onEpoch(epoch - 1)}
          data-testid="watch-back"
        >
          <IconChevronLeft size={16} />
        </ActionIcon>
        <span className={classes.where} data-testid="watch-epoch">
          {where}
        </span>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={t('watch.forward')}
          disabled={epoch >= total}
          onClick={() => onEpoch(epoch + 1)}
          data-testid="watch-forward"
        >
          <IconChevronRight size={16} />
        </ActionIcon>
      </div>
      <Slider
        size="xs"
        min={1}
        max={Math.max(2, total)}
        value={epoch}
        label={null}
        disabled={total < 2}
        thumbLabel={t('watch.slider')}
        thumbProps={{ 'aria-valuetext': where }}
        onChange={onEpoch}
        data-testid="watch-slider"
      />
    </>
  )
}

/** Arrow keys go from photo to photo; what is pointed at is told in words. */
function Photos({ photos }: { photos: readonly WatchedPhoto[] }) {
  const { t } = useTranslation()
  const names = useApp(({ data }) => data.dataset?.classes)
  const [current, setCurrent] = useState(0)
  const [told, setTold] = useState<number | null>(null)
  const name = (label: number) => names?.[label]?.name ?? String(label)
  const words = ({ sample, answer }: WatchedPhoto): string => {
    if (answer === null) return t('watch.unknown', { truth: name(sample.label) })
    return answer === sample.label
      ? t('watch.right', { name: name(answer) })
      : t('watch.wrong', { name: name(answer), truth: name(sample.label) })
  }
  const move = (event: KeyboardEvent<HTMLUListElement>) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const next = (current + step + photos.length) % photos.length
    event.currentTarget.querySelectorAll('button')[next]?.focus()
  }
  return (
    <div className={classes.main}>
      <ul className={classes.photos} onKeyDown={move} onMouseLeave={() => setTold(null)}>
        {photos.map((photo, index) => (
          <li key={photo.sample.path}>
            <button
              type="button"
              className={classes.photo}
              data-right={photo.answer === null ? undefined : photo.answer === photo.sample.label}
              tabIndex={index === current ? 0 : -1}
              aria-label={words(photo)}
              onFocus={() => {
                setCurrent(index)
                setTold(index)
              }}
              onBlur={() => setTold(null)}
              onMouseEnter={() => setTold(index)}
            >
              <Thumbnail sample={photo.sample} alt="" />
              <Mark photo={photo} />
            </button>
          </li>
        ))}
      </ul>
      <p className={classes.text} aria-hidden="true" data-testid="watch-told">
        {told === null || !photos[told] ? t('watch.hint') : words(photos[told])}
      </p>
    </div>
  )
}

function Mark({ photo: { sample, answer } }: { photo: WatchedPhoto }) {
  if (answer === null) return null
  const Icon = answer === sample.label ? IconCheck : IconX
  return (
    <span className={classes.mark}>
      <Icon size={11} stroke={4} aria-hidden="true" />
    </span>
  )
}
