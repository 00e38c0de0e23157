import { HoverCard } from '@mantine/core'
import { IconWorld, IconWorldOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import classes from './Header.module.css'

/** The live count of requests to other sites: normally 0. */
export function RequestsChip() {
  const { t } = useTranslation()
  const sites = useApp((state) => state.otherSites)
  const count = sites.length
  const hosts = [...new Set(sites.map((site) => new URL(site).host))]
  return (
    <HoverCard withArrow position="bottom-end" shadow="md">
      <HoverCard.Target>
        <button
          type="button"
          className={classes.chip}
          data-testid="requests-chip"
          data-count={count}
          data-warn={count > 0 ? true : undefined}
          aria-label={t('header.requests', { count })}
        >
          {count === 0 ? <IconWorldOff size={15} /> : <IconWorld size={15} />}
          <span className={classes.wide}>{t('header.requests', { count })}</span>
        </button>
      </HoverCard.Target>
      <HoverCard.Dropdown>
        <div className={classes.tip}>
          <strong>{t('header.requests', { count })}</strong>
          <span>
            {count === 0 ? t('header.requests_none') : t('header.requests_some', { sites: hosts.join(', ') })}
          </span>
        </div>
      </HoverCard.Dropdown>
    </HoverCard>
  )
}
