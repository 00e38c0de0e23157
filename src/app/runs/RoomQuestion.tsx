import { Alert, Button, Group } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { keepRunNow, makeRoom, roomFor, useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { useRunAccuracy, useRunTitle } from './use-run-words.ts'

/** A result that found no room: which older runs would go, and whether they may. Nothing is deleted unasked. */
export function RoomQuestion() {
  const { t } = useTranslation()
  const format = useFormat()
  const titleOf = useRunTitle()
  const accuracyOf = useRunAccuracy()
  const runs = useApp((state) => state.runs)
  if (!runs.unkept) return null
  const old = roomFor({ runs })
  const bytes = old.reduce((sum, run) => sum + run.bytes, 0)
  return (
    <Alert color="yellow" p="xs" role="alert" data-testid="no-room">
      <strong>{t('runs.no_room')}</strong>
      <p>{old.length > 0 ? t('runs.room_question', { size: format.bytes(bytes) }) : t('runs.room_none')}</p>
      {old.length > 0 && (
        <ul>
          {old.map((run) => (
            <li key={run.id}>
              {titleOf(run)}, {format.date(run.endedAt)}, {accuracyOf(run)}, {format.bytes(run.bytes)}
            </li>
          ))}
        </ul>
      )}
      <Group gap="xs">
        {old.length > 0 && (
          <Button
            size="xs"
            color="red"
            variant="light"
            data-testid="make-room"
            onClick={() => void makeRoom(old)}
          >
            {t('runs.make_room')}
          </Button>
        )}
        <Button size="xs" variant="default" data-testid="keep-now" onClick={() => void keepRunNow()}>
          {t('runs.keep_again')}
        </Button>
      </Group>
    </Alert>
  )
}
