import { Button, type ButtonProps } from '@mantine/core'
import { type ReactNode, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { measureMachine, openFiles, openPicked } from '../../store/index.ts'

const hasPicker = 'showDirectoryPicker' in window

/** Opens the browser's folder picker, or a file input of folders where there is none. */
export function FolderButton({ children, ...props }: ButtonProps & { children: ReactNode }) {
  const { t } = useTranslation()
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button
        {...props}
        onClick={() => {
          void measureMachine()
          if (hasPicker) void openPicked()
          else input.current?.click()
        }}
      >
        {children}
      </Button>
      <input
        ref={input}
        type="file"
        webkitdirectory=""
        multiple
        hidden
        aria-label={t('start.choose')}
        data-testid="folder-input"
        onChange={(event) => {
          const { files } = event.currentTarget
          if (files && files.length > 0) void openFiles([...files])
          event.currentTarget.value = ''
        }}
      />
    </>
  )
}
