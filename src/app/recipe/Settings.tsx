import { Button, Popover, Skeleton } from '@mantine/core'
import { IconAdjustments } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Recipe.module.css'

// Most people never open it.
const SettingsPanel = lazy(() =>
  import('./SettingsPanel.tsx').then((module) => ({ default: module.SettingsPanel })),
)

/** The one door to all settings of the recipe. */
export function Settings() {
  const { t } = useTranslation()
  return (
    <Popover position="bottom-end" shadow="lg" withArrow returnFocus>
      <Popover.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconAdjustments size={16} />}
          data-testid="settings"
        >
          {t('settings.open')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <Suspense fallback={<Skeleton className={classes.settings} height={320} />}>
          <SettingsPanel />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  )
}
