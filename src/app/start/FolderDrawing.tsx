import { useTranslation } from 'react-i18next'
import classes from './Start.module.css'

/** How the folder should look, drawn as a tree. */
export function FolderDrawing() {
  const { t } = useTranslation()
  return (
    <figure className={classes.drawing}>
      <figcaption className="visually-hidden">{t('start.example')}</figcaption>
      <div className={classes.folder}>{t('start.example_root')}</div>
      {(['ants', 'bees'] as const).map((name) => (
        <div key={name} className={classes.branch}>
          <div className={classes.folder}>{t(`start.example_${name}`)}</div>
          <div className={classes.leaves} aria-hidden="true" data-class={name}>
            <i />
            <i />
            <i />
            <i />
          </div>
        </div>
      ))}
    </figure>
  )
}
