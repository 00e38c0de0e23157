/** Focus is never lost to the page when the element that has it disappears or is switched off. */

/** What focus moves to: a part of the page that has a name of its own. */
const PARTS = 'section, form, fieldset, nav, header, main, [role=group], [role=tabpanel], [role=dialog]'

/**
 * Watches until the returned function is called. Who works by keyboard or screen reader goes on from the nearest part
 * that is still there; a part that is not there yet (a panel that is being fetched) is waited for.
 */
export function keepFocus(): () => void {
  let focused: Element | null = null
  let parts: Element[] = []

  const remember = ({ target }: FocusEvent) => {
    if (!(target instanceof Element)) return
    focused = target
    parts = []
    for (let part = target.closest(PARTS); part; part = part.parentElement?.closest(PARTS) ?? null)
      parts.push(part)
  }
  // A click beside all controls gives focus away on purpose: the element stays usable.
  const release = () => {
    if (focused && usable(focused)) focused = null
  }
  const restore = () => {
    const { activeElement } = document
    if (!focused || usable(focused) || (activeElement !== document.body && activeElement !== focused)) return
    const part = parts.find((one) => one.isConnected) ?? document.querySelector('main:not([hidden])')
    if (!(part instanceof HTMLElement)) return
    if (!part.hasAttribute('tabindex')) part.tabIndex = -1
    part.focus({ preventScroll: true })
  }

  const changes = new MutationObserver(restore)
  changes.observe(document.body, { subtree: true, childList: true, attributeFilter: ['disabled'] })
  document.addEventListener('focusin', remember)
  document.addEventListener('pointerdown', release)
  return () => {
    changes.disconnect()
    document.removeEventListener('focusin', remember)
    document.removeEventListener('pointerdown', release)
  }
}

const usable = (element: Element): boolean => element.isConnected && !element.matches(':disabled')
