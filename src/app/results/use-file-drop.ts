import { type DragEvent, useState } from 'react'

/** A place of its own for dropped files: what is dropped here is not the window's. */
export function useFileDrop(onDrop: (transfer: DataTransfer) => void) {
  const [isOver, setOver] = useState(false)
  return {
    isOver,
    handlers: {
      onDragOver(event: DragEvent) {
        event.preventDefault()
        setOver(true)
      },
      onDragLeave: () => setOver(false),
      onDrop(event: DragEvent) {
        setOver(false)
        event.preventDefault()
        onDrop(event.dataTransfer)
      },
    },
  }
}
