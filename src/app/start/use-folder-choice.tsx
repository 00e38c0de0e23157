import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Project } from '../../projects/index.ts'
import { choseNothing, measureMachine, openFiles, openPicked } from '../../store/index.ts'

const hasPicker = 'showDirectoryPicker' in window

interface FolderChoice {
  /** Call it in a click. `wanted`: the project whose folder is asked for. */
  chooseFolder(wanted?: Project): void
  chooseZip(wanted?: Project): void
  /** To be put on the page, outside of what closes with the click. */
  inputs: ReactNode
}

/** The browser's folder picker, or a file input of folders where there is none; and an input of zip files. */
export function useFolderChoice(): FolderChoice {
  const { t } = useTranslation()
  const folder = useRef<HTMLInputElement>(null)
  const zip = useRef<HTMLInputElement>(null)
  const asked = useRef<Project>(undefined)

  useEffect(() => {
    // React knows no cancel event of inputs.
    const inputs = [folder.current, zip.current]
    const cancelled = () => choseNothing(asked.current)
    for (const input of inputs) input?.addEventListener('cancel', cancelled)
    return () => {
      for (const input of inputs) input?.removeEventListener('cancel', cancelled)
    }
  }, [])

  const take = ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
    const { files } = currentTarget
    if (files && files.length > 0) void openFiles([...files], asked.current)
    currentTarget.value = ''
  }
  const open = (input: HTMLInputElement | null, wanted?: Project) => {
    void measureMachine()
    asked.current = wanted
    input?.click()
  }
  return {
    chooseFolder(wanted) {
      if (!hasPicker) return open(folder.current, wanted)
      void measureMachine()
      void openPicked(wanted)
    },
    chooseZip: (wanted) => open(zip.current, wanted),
    inputs: (
      <>
        <input
          ref={folder}
          type="file"
          webkitdirectory=""
          multiple
          hidden
          aria-label={t('start.choose')}
          data-testid="folder-input"
          onChange={take}
        />
        <input
          ref={zip}
          type="file"
          accept=".zip,application/zip"
          hidden
          aria-label={t('projects.open_zip')}
          data-testid="zip-input"
          onChange={take}
        />
      </>
    ),
  }
}
