import { ActionIcon, Tooltip } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { closeDataset, isActive, useApp } from '../../store/index.ts'
import { useDatasetName } from '../shared/dataset-name.ts'
import { About } from './About.tsx'
import { EngineChip } from './EngineChip.tsx'
import classes from './Header.module.css'
import { Logo } from './Logo.tsx'
import { Preferences } from './Preferences.tsx'
import { RequestsChip } from './RequestsChip.tsx'

export function Header() {
  const { t } = useTranslation()
  const name = useDatasetName()
  const active = useApp(({ run }) => isActive(run.status))
  return (
    <header className={classes.header}>
      <div className={classes.brand}>
        <Logo />
        <span className={classes.name}>{t('app.name')}</span>
      </div>
      {name !== undefined && (
        <div className={classes.dataset}>
          <span className={classes.datasetName} data-testid="dataset-name" title={name}>
            {name}
          </span>
          <Tooltip label={t('header.close')}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={t('header.close')}
              disabled={active}
              onClick={closeDataset}
            >
              <IconX size={14} />
            </ActionIcon>
          </Tooltip>
        </div>
      )}
      <div className={classes.spacer} />
      <EngineChip />
      <RequestsChip />
      <Preferences />
      <About />
    </header>
  )
}
