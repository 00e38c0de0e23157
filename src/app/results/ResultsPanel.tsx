import { Tabs } from '@mantine/core'
import {
  IconCamera,
  IconDownload,
  IconFlame,
  IconGridDots,
  IconHistory,
  IconPhotoCheck,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { showTab, useApp } from '../../store/index.ts'
import { RunsTab } from '../runs/RunsTab.tsx'
import { ConfusionTab } from './ConfusionTab.tsx'
import { HardestPhotos } from './HardestPhotos.tsx'
import { PhotoGrid } from './PhotoGrid.tsx'
import classes from './ResultsPanel.module.css'
import { TryIt } from './TryIt.tsx'
import { WeightsTab } from './WeightsTab.tsx'

const TABS = [
  { value: 'photos', Icon: IconPhotoCheck, Content: PhotoGrid },
  { value: 'confusion', Icon: IconGridDots, Content: ConfusionTab },
  { value: 'hardest', Icon: IconFlame, Content: HardestPhotos },
  { value: 'try', Icon: IconCamera, Content: TryIt },
  { value: 'weights', Icon: IconDownload, Content: WeightsTab },
  { value: 'runs', Icon: IconHistory, Content: RunsTab },
] as const

/** What came out: right and wrong, who is taken for whom, the hardest photos, trying it, the weights. */
export function ResultsPanel({ className }: { className: string }) {
  const { t } = useTranslation()
  const tab = useApp((state) => state.tab)
  return (
    <section
      id="results"
      className={`${classes.results} ${className}`}
      aria-label={t('panel.results')}
      data-testid="results-panel"
    >
      <Tabs
        value={tab}
        onChange={(value) => {
          const chosen = TABS.find((known) => known.value === value)
          if (chosen) showTab(chosen.value)
        }}
        keepMounted={false}
        className={classes.tabs}
      >
        <Tabs.List className={classes.list}>
          {TABS.map(({ value, Icon }) => (
            <Tabs.Tab key={value} value={value} leftSection={<Icon size={16} />} data-testid={`tab-${value}`}>
              {t(`results.${value}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(({ value, Content }) => (
          <Tabs.Panel key={value} value={value} className={classes.panel}>
            <Content />
          </Tabs.Panel>
        ))}
      </Tabs>
    </section>
  )
}
