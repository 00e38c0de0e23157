import { Button } from '@mantine/core'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { type CollectState, forgetRemoved, undoRemoval } from '../../store/index.ts'
import classes from './Collect.module.css'
import { useFocusWhenLost } from './use-focus-when-lost.ts'

/** What was removed last, and can come back. */
export function Undo({ undo }: Pick<CollectState, 'undo'>) {
  const { t } = useTranslation()
  const button = useRef<HTMLButtonElement>(null)
  useFocusWhenLost(button, undo)
  if (!undo) return null
  return (
    <div className={classes.undo} role="status" data-testid="removed">
      <span>
        {undo.kind === 'class'
          ? t('collect.removed_class', { name: undo.removed.name })
          : t('collect.removed_photos', { count: undo.removed.length })}
      </span>
      <Button ref={button} variant="default" size="compact-sm" data-testid="undo" onClick={undoRemoval}>
        {t('collect.undo')}
      </Button>
      <Button variant="subtle" color="gray" size="compact-sm" onClick={forgetRemoved}>
        {t('collect.undo_end')}
      </Button>
    </div>
  )
}
