import type { ReactNode } from 'react'
import classes from './Panel.module.css'

interface PanelProps {
  title: string
  /** Stands at the right of the title. */
  aside?: ReactNode
  className?: string
  testId: string
  children: ReactNode
}

/** One column of the workbench: a landmark with a heading. */
export function Panel({ title, aside, className, testId, children }: PanelProps) {
  const id = `${testId}-title`
  return (
    <section className={`${classes.panel} ${className ?? ''}`} aria-labelledby={id} data-testid={testId}>
      <div className={classes.head}>
        <h2 id={id} className={classes.title}>
          {title}
        </h2>
        {aside}
      </div>
      <div className={classes.body}>{children}</div>
    </section>
  )
}
