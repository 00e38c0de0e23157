/** English and Simplified Chinese; the browser's language first, a choice is remembered. */
import i18next from 'i18next'
import LanguageDetector from 'i18next-browser-languagedetector'
import { initReactI18next } from 'react-i18next'
import en from './en/index.ts'
import zh from './zh/index.ts'

export const LANGUAGES = ['en', 'zh'] as const
export type Language = (typeof LANGUAGES)[number]

const htmlLanguage = { en: 'en', zh: 'zh-Hans' } as const

export const currentLanguage = (): Language => (i18next.resolvedLanguage === 'zh' ? 'zh' : 'en')

/** Before the page is drawn. */
export async function startTranslations(): Promise<void> {
  i18next.on('languageChanged', () => {
    document.documentElement.lang = htmlLanguage[currentLanguage()]
  })
  await i18next
    .use(LanguageDetector)
    .use(initReactI18next)
    .init({
      resources: { en: { translation: en }, zh: { translation: zh } },
      fallbackLng: 'en',
      supportedLngs: LANGUAGES,
      nonExplicitSupportedLngs: true,
      load: 'languageOnly',
      interpolation: { escapeValue: false },
      detection: {
        order: ['localStorage', 'navigator'],
        caches: ['localStorage'],
        lookupLocalStorage: 'tabtune-language',
      },
    })
}

export const setLanguage = (language: Language): Promise<unknown> => i18next.changeLanguage(language)
