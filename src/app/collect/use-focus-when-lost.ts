import { type RefObject, useEffect } from 'react'

/**
 * Moves the focus to a control where the one that had it has gone, so that a person at the keyboard need not begin at
 * the top of the page. Looked at whenever `what` changes.
 */
export function useFocusWhenLost(control: RefObject<HTMLElement | null>, what: unknown): void {
  useEffect(() => {
    if (what && document.activeElement === document.body) control.current?.focus({ preventScroll: true })
  }, [control, what])
}
