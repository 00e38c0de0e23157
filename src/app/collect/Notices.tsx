import { Alert, Button } from '@mantine/core'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { type CollectState, forgetRemoved, undoRemoval } from '../../store/index.ts'
import classes from './Collect.module.css'
import { useFocusWhenLost } from './use-focus-when-lost.ts'

/** What was removed and can come back, what was not taken in, and what is not kept. */
export function Notices({ collect }: { collect: CollectState }) {
  const { t } = useTranslation()
  const undoButton = useRef<HTMLButtonElement>(null)
  const { undo, refused, failure, unkept } = collect
  useFocusWhenLost(undoButton, undo)
  return (
    <>
      {undo && (
        <div className={classes.undo} role="status" data-testid="removed">
          <span>
            {undo.kind === 'class'
              ? t('collect.removed_class', { name: undo.removed.name })
              : t('collect.removed_photos', { count: undo.removed.length })}
          </span>
          <Button
            variant="default"
            size="compact-sm"
            ref={undoButton}
            data-testid="undo"
            onClick={undoRemoval}
          >
            {t('collect.undo')}
          </Button>
          <Button variant="subtle" color="gray" size="compact-sm" onClick={forgetRemoved}>
            {t('collect.undo_end')}
          </Button>
        </div>
      )}
      {refused.length > 0 && (
        <Alert color="yellow" p="xs" role="alert" data-testid="refused">
          {t('collect.refused', { names: listed(refused) })}
        </Alert>
      )}
      {failure && (
        <Alert color="red" p="xs" role="alert" data-testid="collect-failed">
          {t('collect.failed', { detail: failure })}
        </Alert>
      )}
      {unkept && (
        <Alert color="yellow" p="xs" role="alert" data-testid="unkept">
          {t(`collect.unkept.${unkept}`)}
        </Alert>
      )}
    </>
  )
}

const NAMED = 3

const listed = (names: readonly string[]): string =>
  names.length > NAMED ? `${names.slice(0, NAMED).join(', ')}, … (${names.length})` : names.join(', ')
