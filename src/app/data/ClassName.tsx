import { ActionIcon, TextInput, Tooltip } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClassInfo } from '../../dataset/types.ts'
import { nameClass } from '../../store/index.ts'
import classes from './ClassName.module.css'

/**
 * A class's name, which can be changed in place: Enter or leaving keeps it, Escape does not, an empty one gives the
 * folder's name back. The folder itself is not touched.
 */
export function ClassName({ info: { id, name } }: { info: ClassInfo }) {
  const { t } = useTranslation()
  const [draft, setDraft] = useState<string | null>(null)
  const [taken, setTaken] = useState(false)

  const end = () => {
    setDraft(null)
    setTaken(false)
  }
  const keep = () => {
    if (draft === null) return
    if (nameClass(id, draft)) end()
    else setTaken(true)
  }

  if (draft === null)
    return (
      <span className={classes.name}>
        <span className={classes.text} title={name === id ? name : `${name} (${id})`}>
          {name}
        </span>
        <Tooltip label={t('photos.rename')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            className={classes.pencil}
            aria-label={t('photos.rename_named', { name })}
            data-testid="rename-class"
            onClick={() => setDraft(name)}
          >
            <IconPencil size={14} />
          </ActionIcon>
        </Tooltip>
      </span>
    )
  return (
    <TextInput
      size="xs"
      className={classes.field}
      aria-label={t('photos.name_of', { id })}
      placeholder={id}
      value={draft}
      error={taken && t('photos.taken')}
      autoFocus
      data-testid="class-name-field"
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => {
        setDraft(event.currentTarget.value)
        setTaken(false)
      }}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep()
        else if (event.key === 'Escape') {
          // It closes the field, not what the field stands in.
          event.preventDefault()
          end()
        }
      }}
    />
  )
}
