/**
 * English and Simplified Chinese; the browser's language first, a choice is remembered. Only the language in use is
 * fetched before the page is drawn.
 */
import i18next, { type BackendModule } from 'i18next'
import LanguageDetector from 'i18next-browser-languagedetector'
import { initReactI18next } from 'react-i18next'
import { onFirstUse } from '../shared/first-use.ts'

export const LANGUAGES = ['en', 'zh'] as const
export type Language = (typeof LANGUAGES)[number]

const htmlLanguage = { en: 'en', zh: 'zh-Hans' } as const

export const currentLanguage = (): Language => (i18next.resolvedLanguage === 'zh' ? 'zh' : 'en')

const texts = {
  en: () => import('./en/index.ts'),
  zh: () => import('./zh/index.ts'),
} satisfies Record<Language, () => Promise<unknown>>

const chunks: BackendModule = {
  type: 'backend',
  init() {},
  // Told by its two parameters that it answers with a promise.
  async read(name, _namespace) {
    const language = LANGUAGES.find((one) => one === name)
    if (!language) throw new Error(`no texts in ${name}`)
    return (await texts[language]()).default
  },
}

/** Before the page is drawn. */
export async function startTranslations(): Promise<void> {
  i18next.on('languageChanged', () => {
    document.documentElement.lang = htmlLanguage[currentLanguage()]
  })
  await i18next
    .use(chunks)
    .use(LanguageDetector)
    .use(initReactI18next)
    .init({
      // Chinese is whole (a test sees to it): it needs no English behind it.
      fallbackLng: (code) => (code === 'zh' ? [] : ['en']),
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
  // The switch works off line, too.
  onFirstUse(() => void i18next.loadLanguages(LANGUAGES))
}

export const setLanguage = (language: Language): Promise<unknown> => i18next.changeLanguage(language)
