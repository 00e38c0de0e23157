import { type RefObject, useEffect } from 'react'

/**
 * Moves the focus to a control where the one that had it has gone, so that a person at the keyboard goes on there
 * instead of at the top of the page. Looked at whenever `what` changes.
 */
export function useFocusWhenLost(control: RefObject<HTMLElement | null>, what: unknown): void {
  useEffect(() => {
    const { activeElement: focused } = document
    // A part of the page that holds no control but has the focus stands in for one that has gone.
    const isLost =
      focused === document.body ||
      (focused instanceof HTMLElement && focused.tabIndex === -1 && focused.contains(control.current))
    if (what && isLost) control.current?.focus({ preventScroll: true })
  }, [control, what])
}
