/** Draws the page into a root, once its language is known. */
import { MantineProvider } from '@mantine/core'
import { StrictMode } from 'react'
import type { Root } from 'react-dom/client'
import { App } from './App.tsx'
import { startTranslations } from './i18n/index.ts'
import { cssVariables, theme } from './theme.ts'

export async function startPage(root: Root): Promise<void> {
  await startTranslations()
  root.render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        <App />
      </MantineProvider>
    </StrictMode>,
  )
}
