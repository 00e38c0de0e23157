import { ActionIcon, TextInput, Tooltip } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { renameRun } from '../../store/index.ts'
import type { KeptRun } from '../../training/trainer-api.ts'
import classes from './Runs.module.css'

/** A run's name, changed in place: Enter or leaving keeps it, Escape does not, an empty one gives the first name back. */
export function RunName({ run, title }: { run: KeptRun; title: string }) {
  const { t } = useTranslation()
  const [draft, setDraft] = useState<string | null>(null)
  if (draft === null)
    return (
      <span className={classes.name}>
        <span title={title} data-testid="run-name">
          {title}
        </span>
        <Tooltip label={t('runs.rename')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={t('runs.rename_named', { name: title })}
            data-testid="rename-run"
            onClick={() => setDraft(run.name)}
          >
            <IconPencil size={14} />
          </ActionIcon>
        </Tooltip>
      </span>
    )
  const keep = () => {
    setDraft(null)
    void renameRun(run, draft)
  }
  return (
    <TextInput
      size="xs"
      aria-label={t('runs.rename_named', { name: title })}
      placeholder={title}
      value={draft}
      maxLength={100}
      autoFocus
      data-testid="run-name-field"
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep()
        else if (event.key === 'Escape') {
          event.preventDefault()
          setDraft(null)
        }
      }}
    />
  )
}
