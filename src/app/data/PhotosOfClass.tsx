import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClassInfo, Sample } from '../../dataset/types.ts'
import type { PhotoPrediction } from '../../training/events.ts'
import { Thumbnail } from '../shared/Thumbnail.tsx'
import classes from './ClassPhotos.module.css'
import { Verdict } from './Verdict.tsx'

interface PhotosOfClassProps {
  samples: readonly Sample[]
  classes: readonly ClassInfo[]
  predictions: ReadonlyMap<string, PhotoPrediction>
  /** The photo to begin at, with the focus on it. */
  start: string | null
  onOpen(path: string): void
}

/** Of one photo with its words, in px. */
const LEAST_WIDTH = 112
const ROW = 152

/** Only the rows in sight exist. Arrow keys, Home, End, Page Up and Page Down move, Enter opens. */
export function PhotosOfClass({
  samples,
  classes: infos,
  predictions,
  start: first,
  onOpen,
}: PhotosOfClassProps) {
  const { t } = useTranslation()
  const box = useRef<HTMLDivElement>(null)
  const [columns, setColumns] = useState(4)
  const [current, setCurrent] = useState(() =>
    Math.max(
      0,
      samples.findIndex(({ path }) => path === first),
    ),
  )
  const moved = useRef(first !== null)

  useEffect(() => {
    const element = box.current
    if (!element) return
    const watch = new ResizeObserver(() =>
      setColumns(Math.max(2, Math.floor(element.clientWidth / LEAST_WIDTH))),
    )
    watch.observe(element)
    return () => watch.disconnect()
  }, [])

  const count = Math.ceil(samples.length / columns)
  const rows = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 3,
    initialOffset: Math.floor(current / columns) * ROW,
  })

  // The cell may exist only after its row was scrolled into sight.
  const visible = rows.getVirtualItems()
  useEffect(() => {
    if (!moved.current || visible.length === 0) return
    const cell = box.current?.querySelector<HTMLElement>(`[data-index="${current}"]`)
    if (!cell) return
    moved.current = false
    cell.focus({ preventScroll: true })
  }, [current, visible])

  const move = (event: KeyboardEvent) => {
    const page = columns * Math.max(1, Math.floor((box.current?.clientHeight ?? ROW) / ROW))
    const steps: Record<string, number> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: columns,
      ArrowUp: -columns,
      PageDown: page,
      PageUp: -page,
      Home: -samples.length,
      End: samples.length,
    }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = Math.min(samples.length - 1, Math.max(0, current + step))
    moved.current = true
    setCurrent(next)
    rows.scrollToIndex(Math.floor(next / columns))
  }

  if (samples.length === 0) return <p className={classes.none}>{t('photos.none')}</p>
  const focusable = Math.min(current, samples.length - 1)
  return (
    <div ref={box} className={classes.box} data-testid="photos-grid">
      <ul className={classes.inner} aria-label={t('photos.grid')} style={{ height: rows.getTotalSize() }}>
        {visible.flatMap(({ index: row, start }) =>
          samples.slice(row * columns, (row + 1) * columns).map((sample, column) => {
            const index = row * columns + column
            return (
              <li
                key={sample.path}
                className={classes.cell}
                aria-posinset={index + 1}
                aria-setsize={samples.length}
                style={{
                  top: start,
                  left: `${(100 * column) / columns}%`,
                  width: `${100 / columns}%`,
                }}
              >
                <button
                  type="button"
                  className={classes.photo}
                  tabIndex={index === focusable ? 0 : -1}
                  data-index={index}
                  data-testid="class-photo"
                  onFocus={() => setCurrent(index)}
                  onKeyDown={move}
                  onClick={() => onOpen(sample.path)}
                >
                  <Thumbnail sample={sample} alt="" className={classes.thumbnail} />
                  <span className={classes.file} title={sample.path}>
                    {sample.path.slice(sample.path.lastIndexOf('/') + 1)}
                  </span>
                  <Verdict prediction={predictions.get(sample.path)} classes={infos} />
                </button>
              </li>
            )
          }),
        )}
      </ul>
    </div>
  )
}
