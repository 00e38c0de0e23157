/** What the browser can do, found once, and its promise to keep what the page stores, asked for when it matters. */
import { isActive } from '../run-state.ts'
import { services } from '../services.ts'
import { useApp } from '../state.ts'

/**
 * Finds what the browser can do. With the first run it asks for storage that lasts: now there is something to lose,
 * and a person who is asked understands why. Returns a stop function.
 */
export function followBrowser(): () => void {
  const { browser } = services()
  void browser.find().then((found) => useApp.setState({ browser: found }))
  const stop = useApp.subscribe(({ run }) => {
    if (!isActive(run.status)) return
    stop()
    void browser.keepStorage().then((promised) =>
      useApp.setState(({ browser: found }) => ({
        browser: found && { ...found, storage: { ...found.storage, promised } },
      })),
    )
  })
  return stop
}
