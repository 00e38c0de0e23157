import { useElementSize } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { closePhoto, openPhoto, useApp, useResults } from '../../store/index.ts'
import type { PhotoPrediction } from '../../training/events.ts'
import { PhotoCard } from './PhotoCard.tsx'
import { PhotoDetail } from './PhotoDetail.tsx'
import styles from './Photos.module.css'
import { useSamples } from './use-samples.ts'

/** In px. The caption's lines are always there, so that each row is as high as the others. */
const NARROWEST = 112
const GAP = 10
const CAPTION = 42
const LOSS_LINE = 18
/** Rows drawn beyond what is in sight. */
const OVERSCAN = 4
const LEAST_COLUMNS = 3

interface PhotoBrowserProps {
  list: readonly PhotoPrediction[]
  /** What the list is, for who cannot see it. */
  label: string
  withLoss?: boolean
}

/**
 * Photos in rows of which only those in sight exist. One of them takes the Tab key, arrows go to its neighbours,
 * Enter shows it large beside the others; then arrows leaf through them and Escape closes it.
 */
export function PhotoBrowser({ list, label, withLoss = false }: PhotoBrowserProps) {
  const { t } = useTranslation()
  const names = useApp(({ data }) => data.dataset?.classes)
  const opened = useResults((state) => state.opened?.path)
  const samples = useSamples()
  const scroller = useRef<HTMLDivElement>(null)
  const { ref: measured, width } = useElementSize<HTMLUListElement>()
  const [active, setActive] = useState(0)
  /** Set where the keyboard asks for focus: the photo may not exist yet. */
  const focusNext = useRef(false)

  const columns = Math.max(LEAST_COLUMNS, Math.floor((width + GAP) / (NARROWEST + GAP)))
  const side = Math.max(0, (width - GAP * (columns - 1)) / columns)
  const rowHeight = side + CAPTION + (withLoss ? LOSS_LINE : 0)
  const rows = useVirtualizer({
    count: width === 0 ? 0 : Math.ceil(list.length / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    gap: GAP,
    overscan: OVERSCAN,
  })
  // The virtualizer keeps measured sizes, which another width makes wrong.
  useEffect(() => {
    if (rowHeight > 0) rows.measure()
  }, [rows, rowHeight])

  useEffect(() => closePhoto, [])

  const current = Math.min(active, list.length - 1)
  const go = (index: number) => {
    const next = Math.max(0, Math.min(list.length - 1, index))
    setActive(next)
    focusNext.current = true
    rows.scrollToIndex(Math.floor(next / columns))
    if (opened) void openPhoto(list[next].path)
  }
  const step: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -4 * columns,
    PageDown: 4 * columns,
    Home: -list.length,
    End: list.length,
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && opened) return closePhoto()
    const by = step[event.key]
    if (by === undefined) return
    event.preventDefault()
    // Up from the first row and down from the last stay in their column.
    const target = current + by
    const isVertical = event.key === 'ArrowUp' || event.key === 'ArrowDown'
    if (!isVertical || (target >= 0 && target < list.length)) go(target)
  }

  if (!names) return null
  const openedIndex = opened === undefined ? -1 : list.findIndex(({ path }) => path === opened)
  return (
    <div className={styles.browser} data-opened={openedIndex >= 0 ? true : undefined}>
      <div className={styles.scroller} ref={scroller}>
        <ul
          ref={measured}
          className={styles.photos}
          aria-label={label}
          style={{ height: rows.getTotalSize() }}
          onKeyDown={onKey}
        >
          {rows.getVirtualItems().flatMap((row) =>
            list.slice(row.index * columns, (row.index + 1) * columns).map((prediction, column) => {
              const index = row.index * columns + column
              const { path, trueClass, predictedClass } = prediction
              return (
                <li
                  key={path}
                  className={styles.photo}
                  data-right={trueClass === predictedClass}
                  data-testid="prediction"
                  data-path={path}
                  aria-setsize={list.length}
                  aria-posinset={index + 1}
                  style={{ top: row.start, left: column * (side + GAP), width: side, height: rowHeight }}
                >
                  <button
                    type="button"
                    title={path}
                    tabIndex={index === current ? 0 : -1}
                    aria-current={path === opened ? true : undefined}
                    ref={(element) => {
                      if (!element || index !== current || !focusNext.current) return
                      focusNext.current = false
                      element.focus()
                    }}
                    onFocus={() => setActive(index)}
                    onClick={() => (path === opened ? closePhoto() : void openPhoto(path))}
                  >
                    <PhotoCard
                      prediction={prediction}
                      sample={samples.get(path)}
                      classes={names}
                      withLoss={withLoss}
                    />
                  </button>
                </li>
              )
            }),
          )}
        </ul>
      </div>
      {openedIndex >= 0 && (
        <PhotoDetail
          prediction={list[openedIndex]}
          sample={samples.get(list[openedIndex].path)}
          position={t('results.position', { index: openedIndex + 1, count: list.length })}
          onPrevious={openedIndex > 0 ? () => go(openedIndex - 1) : undefined}
          onNext={openedIndex < list.length - 1 ? () => go(openedIndex + 1) : undefined}
        />
      )}
    </div>
  )
}
