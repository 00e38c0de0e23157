import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import { ProjectMenu } from '../projects/ProjectMenu.tsx'
import { About } from './About.tsx'
import { EngineChip } from './EngineChip.tsx'
import classes from './Header.module.css'
import { Logo } from './Logo.tsx'
import { Preferences } from './Preferences.tsx'
import { RequestsChip } from './RequestsChip.tsx'

export function Header() {
  const { t } = useTranslation()
  const open = useApp(({ data }) => data.dataset !== null)
  return (
    <header className={classes.header}>
      <div className={classes.brand} data-open={open ? true : undefined}>
        <Logo />
        <span className={classes.name}>{t('app.name')}</span>
      </div>
      <ProjectMenu />
      <div className={classes.spacer} />
      <EngineChip />
      <RequestsChip />
      <Preferences />
      <About />
    </header>
  )
}
