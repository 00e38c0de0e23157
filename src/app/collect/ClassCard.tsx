import { ActionIcon, Button } from '@mantine/core'
import { IconPhotoPlus, IconTrash } from '@tabler/icons-react'
import { memo, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type CollectedClass, partsOf } from '../../dataset/index.ts'
import {
  addDrop,
  addFiles,
  removeCollectedClass,
  removeCollectedPhotos,
  selectClass,
} from '../../store/index.ts'
import { ClassName } from './ClassName.tsx'
import classes from './Collect.module.css'
import { PhotoGroup } from './PhotoGroup.tsx'

interface ClassCardProps {
  collection: string
  of: CollectedClass
  selected: boolean
  /** Paths, within the class, of photos that are kept aside. */
  tests: ReadonlySet<string>
}

const none: ReadonlySet<string> = new Set()

/** One class: its name, its photos, and the ways in which more of them come. */
export const ClassCard = memo(function ClassCard({ collection, of, selected, tests }: ClassCardProps) {
  const { t } = useTranslation()
  const { key, name, photos } = of
  const [marked, setMarked] = useState(none)
  const [over, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const groups = useMemo(() => groupsOf(photos), [photos])

  return (
    // A click beside the controls is a short cut; the choice itself is among the recorder's radio buttons.
    <article
      className={classes.card}
      aria-label={name}
      data-selected={selected || undefined}
      data-over={over || undefined}
      data-testid="class-card"
      onPointerDown={() => selectClass(key)}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        selectClass(key)
        void addDrop(key, event.dataTransfer)
      }}
    >
      <div className={classes.cardHead}>
        <ClassName id={key} name={name} />
        <span className={classes.count} data-testid="class-count">
          {t('collect.photos', { count: photos.length })}
        </span>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPhotoPlus size={15} />}
          aria-label={t('collect.files_for', { name })}
          onClick={() => input.current?.click()}
        >
          {t('collect.files')}
        </Button>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('collect.remove_class', { name })}
          data-testid="remove-class"
          onPointerDown={(event) => event.stopPropagation()}
          onClick={() => removeCollectedClass(key)}
        >
          <IconTrash size={16} />
        </ActionIcon>
      </div>
      <input
        ref={input}
        type="file"
        accept="image/*"
        multiple
        hidden
        aria-label={t('collect.files_for', { name })}
        data-testid="class-files"
        onChange={({ currentTarget }) => {
          if (currentTarget.files) void addFiles(key, [...currentTarget.files])
          currentTarget.value = ''
        }}
      />
      {photos.length === 0 ? (
        <p className={classes.empty}>{t('collect.empty')}</p>
      ) : (
        <div className={classes.groups}>
          {groups.map(({ name: part, photos: members }) => (
            <PhotoGroup
              key={part}
              collection={collection}
              of={of}
              recording={part === SINGLE ? null : part}
              photos={members}
              tests={part !== SINGLE && members.some(({ path }) => tests.has(path))}
              marked={marked}
              onMark={setMarked}
            />
          ))}
        </div>
      )}
      {marked.size > 0 && (
        <div className={classes.row}>
          <span>{t('collect.marked', { count: marked.size })}</span>
          <Button
            variant="default"
            size="compact-xs"
            data-testid="remove-marked"
            onClick={() => {
              removeCollectedPhotos(key, marked)
              setMarked(none)
            }}
          >
            {t('collect.remove_marked')}
          </Button>
          <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setMarked(none)}>
            {t('collect.unmark')}
          </Button>
        </div>
      )}
    </article>
  )
})

const SINGLE = ''

/** Recordings, the newest first, then all photos that came one by one. */
function groupsOf(photos: CollectedClass['photos']) {
  const parts = partsOf(photos)
  const recordings = parts.filter(({ name }) => name.endsWith('/'))
  const single = parts.filter(({ name }) => !name.endsWith('/')).flatMap((part) => part.photos)
  return [
    ...recordings
      .toReversed()
      .map((part) => ({ name: part.name.slice(0, -1), photos: part.photos.toReversed() })),
    ...(single.length > 0 ? [{ name: SINGLE, photos: single.toReversed() }] : []),
  ]
}
