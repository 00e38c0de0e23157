import { ActionIcon, Button } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { type KeyboardEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CollectedPhoto } from '../../dataset/index.ts'
import { collectedPath, removeCollectedPhotos } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { Thumbnail } from '../shared/Thumbnail.tsx'
import classes from './Collect.module.css'

interface PhotoGroupProps {
  collection: string
  /** The class's key and name. */
  of: { key: string; name: string }
  /** A recording's name, or null for photos that came one by one. */
  recording: string | null
  photos: readonly CollectedPhoto[]
  /** Whether it is kept aside to test the network. */
  tests: boolean
  marked: ReadonlySet<string>
  onMark(paths: ReadonlySet<string>): void
}

/** More would be slow to draw, and nobody looks at them one by one. */
const SHOWN = 48

/** A recording's frames, or single photos: marked one by one (arrows, space), removed by Delete. */
export function PhotoGroup({ collection, of, recording, photos, tests, marked, onMark }: PhotoGroupProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const [all, setAll] = useState(false)
  const [current, setCurrent] = useState(0)
  const list = useRef<HTMLUListElement>(null)
  const shown = all ? photos : photos.slice(0, SHOWN)
  const number = recording?.replace('recording-', '') ?? ''
  const title = recording ? t('collect.recording_n', { number }) : t('collect.single')

  const toggle = (path: string) => {
    const next = new Set(marked)
    if (!next.delete(path)) next.add(path)
    onMark(next)
  }
  const move = (to: number) => {
    const index = Math.min(shown.length - 1, Math.max(0, to))
    setCurrent(index)
    list.current?.querySelectorAll('button')[index]?.focus()
  }
  const onKey = (event: KeyboardEvent, index: number) => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, Home: -index, End: shown.length }
    if (event.key in steps) {
      event.preventDefault()
      move(index + steps[event.key])
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      const { path } = shown[index]
      removeCollectedPhotos(of.key, marked.has(path) ? marked : new Set([path]))
      onMark(new Set())
      requestAnimationFrame(() => move(Math.min(index, shown.length - 2)))
    }
  }
  return (
    <section className={classes.group} aria-label={title} data-testid="photo-group">
      <div className={classes.groupHead}>
        <span>
          {title} · {t('collect.photos', { count: photos.length })}
        </span>
        {tests && (
          <span className={classes.tests} title={t('collect.tests_hint')}>
            {t('collect.tests')}
          </span>
        )}
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={t('collect.remove_part', { part: title, name: of.name })}
          onClick={() => removeCollectedPhotos(of.key, new Set(photos.map(({ path }) => path)))}
        >
          <IconTrash size={14} />
        </ActionIcon>
      </div>
      <ul ref={list} className={classes.photos}>
        {shown.map(({ path, source }, index) => (
          <li key={path}>
            <button
              type="button"
              className={classes.photo}
              aria-pressed={marked.has(path)}
              aria-label={t('collect.photo_n', { index: index + 1, count: photos.length })}
              tabIndex={index === Math.min(current, shown.length - 1) ? 0 : -1}
              data-testid="collected-photo"
              onFocus={() => setCurrent(index)}
              onClick={() => toggle(path)}
              onKeyDown={(event) => onKey(event, index)}
            >
              <Thumbnail
                sample={{ path: collectedPath(collection, of.key, path), split: 'train', label: 0, source }}
                alt=""
              />
            </button>
          </li>
        ))}
      </ul>
      {shown.length < photos.length && (
        <Button variant="subtle" size="compact-xs" onClick={() => setAll(true)}>
          {t('collect.all', { count: format.count(photos.length) })}
        </Button>
      )}
    </section>
  )
}
