import { Tabs } from '@mantine/core'
import { IconCamera, IconDownload, IconEye, IconPhotoCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { showTab, useApp } from '../../store/index.ts'
import { PhotoGrid } from './PhotoGrid.tsx'
import classes from './ResultsPanel.module.css'
import { TryIt } from './TryIt.tsx'
import { WatchGrid } from './WatchGrid.tsx'
import { WeightsTab } from './WeightsTab.tsx'

const TABS = [
  { value: 'photos', Icon: IconPhotoCheck },
  { value: 'watch', Icon: IconEye },
  { value: 'try', Icon: IconCamera },
  { value: 'weights', Icon: IconDownload },
] as const

/** What came out: right and wrong, the photos over time, trying it, the weights. */
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
        <Tabs.Panel value="photos" className={classes.panel}>
          <PhotoGrid />
        </Tabs.Panel>
        <Tabs.Panel value="watch" className={classes.panel}>
          <WatchGrid />
        </Tabs.Panel>
        <Tabs.Panel value="try" className={classes.panel}>
          <TryIt />
        </Tabs.Panel>
        <Tabs.Panel value="weights" className={classes.panel}>
          <WeightsTab />
        </Tabs.Panel>
      </Tabs>
    </section>
  )
}
