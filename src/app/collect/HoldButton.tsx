import { Button } from '@mantine/core'
import { IconPlayerRecordFilled } from '@tabler/icons-react'
import type { ReactNode, RefObject } from 'react'
import classes from './Collect.module.css'

interface HoldButtonProps {
  ref: RefObject<HTMLButtonElement | null>
  primary: boolean
  active: boolean
  onBegin(): void
  onEnd(): void
  /** The whole text, where the button has no room for it. */
  title: string
  children: ReactNode
}

/** Records while it is held, by pointer or by key. A screen reader's click takes one photo. */
export function HoldButton({ ref, primary, active, onBegin, onEnd, title, children }: HoldButtonProps) {
  const isKey = (key: string) => key === ' ' || key === 'Enter'
  return (
    <Button
      ref={ref}
      fullWidth
      size="md"
      variant={primary ? 'filled' : 'light'}
      className={classes.hold}
      leftSection={<IconPlayerRecordFilled size={18} />}
      title={title}
      data-testid="hold"
      data-recording={active || undefined}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        onBegin()
      }}
      onPointerUp={onEnd}
      onPointerCancel={onEnd}
      onLostPointerCapture={onEnd}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!isKey(event.key)) return
        event.preventDefault()
        if (!event.repeat) onBegin()
      }}
      onKeyUp={(event) => {
        if (!isKey(event.key)) return
        event.preventDefault()
        onEnd()
      }}
      onBlur={onEnd}
      onClick={(event) => {
        // Clicks of pointers have a count, and keys do not come to here.
        if (event.detail !== 0) return
        onBegin()
        onEnd()
      }}
    >
      {children}
    </Button>
  )
}
