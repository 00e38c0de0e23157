import { useTranslation } from 'react-i18next'
import classes from './Start.module.css'

/** File names are the same in every language: these are what the page looks for. */
const LAYOUTS = {
  classes: 'photos/\n├ ants/  1.jpg 2.jpg …\n└ bees/  1.jpg 2.jpg …',
  splits: 'photos/\n├ train/\n│ ├ ants/ …\n│ └ bees/ …\n└ valid/\n  ├ ants/ …\n  └ bees/ …',
  zip: 'photos.zip\n├ ants/ …\n└ bees/ …',
  csv: 'photos/\n├ 1.jpg 2.jpg …\n└ labels.csv\n    file,label\n    1.jpg,ants\n    2.jpg,bees',
} as const

/** The four ways in which photos may be put together. */
export function Layouts() {
  const { t } = useTranslation()
  return (
    <section className={classes.layouts} aria-labelledby="layouts-title">
      <h2 id="layouts-title" className={classes.layoutsTitle}>
        {t('start.layouts')}
      </h2>
      <ul>
        {(['classes', 'splits', 'zip', 'csv'] as const).map((layout) => (
          <li key={layout}>
            <h3 className={classes.stepTitle}>{t(`start.layout_${layout}`)}</h3>
            <p className={classes.stepText}>{t(`start.layout_${layout}_text`)}</p>
            <pre translate="no">{LAYOUTS[layout]}</pre>
          </li>
        ))}
      </ul>
    </section>
  )
}
