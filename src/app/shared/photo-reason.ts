import type { TFunction } from 'i18next'
import { photoFailure } from '../../augment/photo-error.ts'

/** Why a photo could not be read, in the page's language; an unforeseen reason as it is. */
export function photoReason(t: TFunction, reason: string): string {
  const code = photoFailure(reason)
  return code ? t(`photo_failure.${code}`) : reason
}
