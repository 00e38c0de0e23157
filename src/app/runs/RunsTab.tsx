import { Alert, Button } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { compare, runsOfPhotos, useApp } from '../../store/index.ts'
import type { KeptRun } from '../../training/trainer-api.ts'
import panel from '../results/ResultsPanel.module.css'
import { Comparison } from './Comparison.tsx'
import { RunRow } from './RunRow.tsx'
import classes from './Runs.module.css'

/** Every run of these photos that ended, until it is deleted. Two that are ticked can be laid side by side. */
export function RunsTab() {
  const { t } = useTranslation()
  const runs = useApp((state) => state.runs)
  const data = useApp((state) => state.data)
  const list = useMemo(() => runsOfPhotos({ runs, data }), [runs, data])
  const [ticked, setTicked] = useState<readonly string[]>([])
  const chosen = list.filter(({ id }) => ticked.includes(id))
  const tick = ({ id }: KeptRun) =>
    // A third takes the place of the one that was ticked first.
    setTicked((before) =>
      before.includes(id) ? before.filter((other) => other !== id) : [...before, id].slice(-2),
    )

  if (runs.compared) return <Comparison {...runs.compared} />
  if (list.length === 0) return <p className={panel.empty}>{t('runs.empty')}</p>
  return (
    <div data-testid="runs">
      <div className={panel.head}>
        <span>{t('runs.text')}</span>
        {list.length > 1 && (
          <Button
            size="compact-xs"
            variant="light"
            disabled={chosen.length !== 2}
            data-testid="compare-runs"
            onClick={() => {
              // The older one stands first.
              const [second, first] = chosen
              void compare(first, second)
            }}
          >
            {chosen.length === 2 ? t('runs.compare') : t('runs.compare_hint')}
          </Button>
        )}
      </div>
      {runs.error && (
        <Alert color="red" role="alert" title={t(`runs.error_${runs.error.what}`)} data-testid="runs-error">
          <code>{runs.error.detail}</code>
        </Alert>
      )}
      <ul className={classes.list}>
        {list.map((run) => (
          <RunRow
            key={run.id}
            run={run}
            isTicked={ticked.includes(run.id)}
            onTick={list.length > 1 ? () => tick(run) : undefined}
          />
        ))}
      </ul>
    </div>
  )
}
