import { IconFolderDown } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isActive, measureMachine, refuseDrop, useApp } from '../../store/index.ts'
import classes from './DropOverlay.module.css'
import { takeDrop } from './take-drop.ts'

/** Lights the whole window while something is dragged over it, and takes what is dropped anywhere. */
export function DropOverlay() {
  const { t } = useTranslation()
  const [over, setOver] = useState(false)
  const collecting = useApp(({ collect }) => collect !== null)
  const active = useApp(({ run }) => isActive(run.status))

  useEffect(() => {
    // dragenter and dragleave come for every element that is crossed.
    let depth = 0
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
    const enter = (event: DragEvent) => {
      if (!carriesFiles(event)) return
      event.preventDefault()
      depth++
      setOver(true)
      void measureMachine()
    }
    // A field takes text itself; elsewhere the browser would leave the page for a dropped link.
    const isForField = ({ target }: DragEvent) =>
      target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement
    const move = (event: DragEvent) => {
      if (carriesFiles(event) || !isForField(event)) event.preventDefault()
    }
    const leave = () => {
      depth = Math.max(0, depth - 1)
      if (depth === 0) setOver(false)
    }
    const drop = (event: DragEvent) => {
      depth = 0
      setOver(false)
      // Some parts of the page take what is dropped on them.
      if (event.defaultPrevented || !event.dataTransfer) return
      if (carriesFiles(event)) {
        event.preventDefault()
        takeDrop(event.dataTransfer)
      } else if (!isForField(event)) {
        event.preventDefault()
        refuseDrop()
      }
    }
    window.addEventListener('dragenter', enter)
    window.addEventListener('dragover', move)
    window.addEventListener('dragleave', leave)
    window.addEventListener('drop', drop)
    return () => {
      window.removeEventListener('dragenter', enter)
      window.removeEventListener('dragover', move)
      window.removeEventListener('dragleave', leave)
      window.removeEventListener('drop', drop)
    }
  }, [])

  // There each class is a place to drop on.
  if (!over || collecting) return null
  return (
    <div className={classes.overlay} data-testid="drop-overlay">
      <div className={classes.message}>
        <IconFolderDown size={48} stroke={1.5} />
        {active ? t('start.overlay_busy') : t('start.overlay')}
      </div>
    </div>
  )
}
