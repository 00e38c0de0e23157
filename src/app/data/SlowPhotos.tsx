import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'

/** How long photos take that this browser cannot decode itself, from about a second on. */
export function SlowPhotos() {
  const { t } = useTranslation()
  const format = useFormat()
  const slow = useApp(({ data }) => data.slow)
  return slow
    .filter(({ secondsLeft }) => secondsLeft >= 1)
    .map(({ format: name, count, secondsEach, secondsLeft }) => (
      <div key={name} data-testid="slow-photos" data-format={name}>
        {t('data.slow', {
          count,
          format: name,
          each: format.rate(secondsEach),
          left: format.duration(secondsLeft),
        })}
      </div>
    ))
}
