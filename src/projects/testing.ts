/** What tests of several tabs share. */
import type { Locks } from './tabs.ts'

/** Web Locks between tabs, as far as they are used: `ifAvailable` and a list of what is held. */
export function lockManager(): Locks {
  const held = new Set<string>()
  return {
    request: async (name: string, ...rest: unknown[]) => {
      const callback = rest.at(-1)
      if (typeof callback !== 'function') throw new TypeError('a callback is needed')
      if (held.has(name)) return callback(null)
      held.add(name)
      try {
        return await callback({ name, mode: 'exclusive' })
      } finally {
        held.delete(name)
      }
    },
    query: async () => ({ held: [...held].map((name) => ({ name })), pending: [] }),
  }
}
