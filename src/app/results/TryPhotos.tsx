import { Button } from '@mantine/core'
import { IconPhotoPlus } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { clearTried, MOST_TRIED, tryPhotos, useApp } from '../../store/index.ts'
import { photoReason } from '../shared/photo-reason.ts'
import { Thumbnail } from '../shared/Thumbnail.tsx'
import { Answer } from './Answer.tsx'
import classes from './ResultsPanel.module.css'
import styles from './TryIt.module.css'
import { useFileDrop } from './use-file-drop.ts'

const PAGE = 24

/** Photos of the person's own: chosen, dropped here or pasted anywhere while this is open. */
export function TryPhotos() {
  const { t } = useTranslation()
  const tried = useApp((state) => state.tried)
  const input = useRef<HTMLInputElement>(null)
  const [shown, setShown] = useState(PAGE)
  const { isOver, handlers } = useFileDrop((transfer) => void tryPhotos([...transfer.files]))
  usePastedPhotos()
  return (
    <section className={styles.photos} aria-label={t('try.photos')}>
      <h3 className={classes.title}>{t('try.photos')}</h3>
      <div className={styles.drop} data-over={isOver || undefined} data-testid="try-drop" {...handlers}>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPhotoPlus size={16} />}
          data-testid="try-photos"
          onClick={() => input.current?.click()}
        >
          {t('try.choose')}
        </Button>
        <span className={styles.byMouse}>{t('try.drop')}</span>
        {tried.length > 0 && (
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            data-testid="clear-tried"
            onClick={clearTried}
          >
            {t('try.clear')}
          </Button>
        )}
      </div>
      <input
        ref={input}
        type="file"
        accept="image/*,.heic,.heif,.tif,.tiff"
        multiple
        hidden
        aria-label={t('try.choose')}
        data-testid="try-photos-input"
        onChange={(event) => {
          const { files } = event.currentTarget
          if (files) void tryPhotos([...files])
          event.currentTarget.value = ''
        }}
      />
      <ul className={styles.tried}>
        {tried.slice(0, shown).map(({ id, name, sample, result, error }) => (
          <li key={id} data-testid="tried-photo" data-failed={error !== null || undefined}>
            <span className={styles.picture}>
              <Thumbnail sample={sample} alt={name} />
            </span>
            <div className={classes.stack}>
              <span className={styles.name} title={name}>
                {name}
              </span>
              {result && <Answer result={result} />}
              {!result && !error && <span role="status">{t('try.looking')}</span>}
              {error && <span role="alert">{t('try.photo_error', { reason: photoReason(t, error) })}</span>}
            </div>
          </li>
        ))}
      </ul>
      {tried.length > shown && (
        <Button variant="default" size="xs" onClick={() => setShown(shown + PAGE)}>
          {t('results.more', { count: Math.min(PAGE, tried.length - shown) })}
        </Button>
      )}
      {tried.length >= MOST_TRIED && (
        <p className={classes.note}>{t('try.newest_only', { count: MOST_TRIED })}</p>
      )}
    </section>
  )
}

/** Pictures pasted anywhere on the page while this stands there; text that is pasted into a field is left alone. */
function usePastedPhotos(): void {
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith('image/'))
      if (files.length === 0 || event.defaultPrevented) return
      event.preventDefault()
      void tryPhotos(files)
    }
    window.addEventListener('paste', paste)
    return () => window.removeEventListener('paste', paste)
  }, [])
}
