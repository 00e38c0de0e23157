import { Alert } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { CollectState } from '../../store/index.ts'

/** What was not taken in, and what is not kept. */
export function Notices({ collect }: { collect: CollectState }) {
  const { t } = useTranslation()
  const { refused, failure, unkept } = collect
  return (
    <>
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
