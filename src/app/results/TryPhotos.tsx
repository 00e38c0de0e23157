import { Button } from '@mantine/core'
import { IconPhotoPlus } from '@tabler/icons-react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { clearTried, tryPhotos, useApp } from '../../store/index.ts'
import { photoReason } from '../shared/photo-reason.ts'
import { Answer } from './Answer.tsx'
import classes from './ResultsPanel.module.css'

/** Photos of the person's own, one by one. */
export function TryPhotos() {
  const { t } = useTranslation()
  const tried = useApp((state) => state.tried)
  const input = useRef<HTMLInputElement>(null)
  return (
    <div className={classes.stack}>
      <h3 className={classes.title}>{t('try.photos')}</h3>
      <div className={classes.dropPhotos}>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPhotoPlus size={16} />}
          data-testid="try-photos"
          onClick={() => input.current?.click()}
        >
          {t('try.choose')}
        </Button>
        <span>{t('try.drop')}</span>
        {tried.length > 0 && (
          <Button variant="subtle" color="gray" size="compact-xs" onClick={clearTried}>
            {t('try.clear')}
          </Button>
        )}
      </div>
      <input
        ref={input}
        type="file"
        accept="image/*"
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
      <ul className={classes.tried}>
        {tried.map(({ id, name, url, result, error }) => (
          <li key={id} data-testid="tried-photo">
            <img src={url} alt={name} />
            <div className={classes.stack}>
              {result && <Answer result={result} />}
              {!result && !error && <span role="status">{t('try.looking')}</span>}
              {error && <span>{t('try.photo_error', { reason: photoReason(t, error) })}</span>}
            </div>
          </li>
        ))}
      </ul>
    </div>
  )
}
