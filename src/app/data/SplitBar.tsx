import { Tooltip } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Dataset } from '../../dataset/types.ts'
import { splitCounts } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import classes from './DataPanel.module.css'

const SPLITS = ['train', 'valid', 'test'] as const

/** How the photos are divided, as a bar and as numbers. */
export function SplitBar({ dataset }: { dataset: Dataset }) {
  const { t } = useTranslation()
  const format = useFormat()
  const counts = useMemo(() => splitCounts(dataset), [dataset])
  const present = SPLITS.filter((split) => counts[split] > 0)
  return (
    <div>
      <Tooltip label={t('data.valid_explained')} multiline maw={280} position="bottom-start">
        <div>
          <div className={classes.bar} aria-hidden="true">
            {present.map((split) => (
              <div
                key={split}
                className={classes.part}
                data-split={split}
                style={{ flexGrow: counts[split] }}
              />
            ))}
          </div>
          <ul className={classes.legend} data-testid="split-counts">
            {present.map((split) => (
              <li key={split}>
                <span
                  className={classes.swatch}
                  style={{ background: `var(--${split})` }}
                  aria-hidden="true"
                />
                {t(`data.${split}`)} <strong>{format.count(counts[split])}</strong>
              </li>
            ))}
          </ul>
        </div>
      </Tooltip>
      {dataset.splitBySeed && <p className={classes.note}>{t('data.split_by_seed')}</p>}
      {dataset.ignored > 0 && <p className={classes.note}>{t('data.ignored', { count: dataset.ignored })}</p>}
    </div>
  )
}
