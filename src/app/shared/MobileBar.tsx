import { Button } from '@mantine/core'
import { IconBrain, IconCamera, IconChartLine, IconPhoto } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { isActive, showPanel, useApp } from '../../store/index.ts'
import { Progress } from '../train/Progress.tsx'
import classes from './MobileBar.module.css'

const PANELS = [
  { value: 'data', Icon: IconPhoto },
  { value: 'train', Icon: IconChartLine },
  { value: 'model', Icon: IconBrain },
  { value: 'results', Icon: IconCamera },
] as const

/** On a phone: the three columns and the results as tabs, and the progress line always in sight. */
export function MobileBar() {
  const { t } = useTranslation()
  const panel = useApp((state) => state.panel)
  const active = useApp(({ run }) => isActive(run.status))
  return (
    <nav className={classes.bar} aria-label={t('panel.navigation')} data-testid="mobile-bar">
      {active && (
        <div className={classes.progress}>
          <Progress compact />
        </div>
      )}
      {!active && panel === 'data' && (
        <div className={classes.progress}>
          <Button fullWidth size="sm" onClick={() => showPanel('train')}>
            {t('data.next')}
          </Button>
        </div>
      )}
      <div className={classes.tabs}>
        {PANELS.map(({ value, Icon }) => (
          <button
            key={value}
            type="button"
            className={classes.tab}
            aria-current={panel === value ? 'page' : undefined}
            data-testid={`panel-tab-${value}`}
            onClick={() => {
              showPanel(value)
              window.scrollTo({ top: 0 })
            }}
          >
            <Icon size={20} aria-hidden="true" />
            {t(`panel.${value}`)}
          </button>
        ))}
      </div>
    </nav>
  )
}
