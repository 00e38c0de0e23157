import { Box } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Sample, Split } from '../../dataset/types.ts'
import { useFormat } from '../shared/format.ts'
import { Thumbnail } from '../shared/Thumbnail.tsx'
import { ClassName } from './ClassName.tsx'
import classes from './DataPanel.module.css'

export interface ListedClass {
  id: string
  name: string
  label: number
  counts: Record<Split, number>
  examples: readonly Sample[]
}

interface ClassListProps {
  listed: readonly ListedClass[]
  onOpen(label: number): void
}

const ROW = 44

/** Only the rows in sight exist: ten thousand classes scroll like ten. */
export function ClassList({ listed, onOpen }: ClassListProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const box = useRef<HTMLElement>(null)
  const rows = useVirtualizer({
    count: listed.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 4,
  })
  return (
    <Box
      component="section"
      ref={box}
      className={classes.list}
      tabIndex={0}
      aria-label={t('data.list')}
      data-testid="class-list"
    >
      {listed.length === 0 && <p className={classes.empty}>{t('data.no_match')}</p>}
      <ul className={classes.inner} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const { id, name, label, counts, examples } = listed[index]
          return (
            <li
              key={id}
              className={classes.row}
              style={{ transform: `translateY(${start}px)` }}
              aria-posinset={index + 1}
              aria-setsize={listed.length}
              data-testid="class-row"
            >
              <button
                type="button"
                className={classes.thumbs}
                aria-label={t('photos.open', { name })}
                data-testid="open-class"
                onClick={() => onOpen(label)}
              >
                {examples.slice(0, 3).map((sample) => (
                  <Thumbnail key={sample.path} sample={sample} alt="" />
                ))}
              </button>
              <div className={classes.className}>
                <ClassName info={listed[index]} />
              </div>
              <span className={classes.numbers}>
                {(['train', 'valid', 'test'] as const).map(
                  (split) =>
                    (split !== 'test' || counts.test > 0) && (
                      <span key={split} data-split={split} title={t(`data.${split}`)}>
                        {format.count(counts[split])}
                        <span className="visually-hidden"> {t(`data.${split}`)}</span>
                      </span>
                    ),
                )}
              </span>
            </li>
          )
        })}
      </ul>
    </Box>
  )
}
