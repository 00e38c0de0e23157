import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { IconLanguage, IconMoon, IconSun } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { currentLanguage, setLanguage } from '../i18n/index.ts'

/** Language and color scheme: one click each, both remembered. */
export function Preferences() {
  const { t } = useTranslation()
  const scheme = useComputedColorScheme('light')
  const { setColorScheme } = useMantineColorScheme()
  const chinese = currentLanguage() === 'zh'
  const themeLabel = scheme === 'dark' ? t('header.to_light') : t('header.to_dark')
  return (
    <>
      <Tooltip label={chinese ? 'English' : '简体中文'}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={chinese ? 'English' : '简体中文'}
          lang={chinese ? 'en' : 'zh-Hans'}
          data-testid="language"
          onClick={() => void setLanguage(chinese ? 'en' : 'zh')}
        >
          <IconLanguage size={19} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={themeLabel}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={themeLabel}
          data-testid="theme"
          onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
        >
          {scheme === 'dark' ? <IconSun size={19} /> : <IconMoon size={19} />}
        </ActionIcon>
      </Tooltip>
    </>
  )
}
