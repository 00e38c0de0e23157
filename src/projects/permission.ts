/** A kept handle may be read only after the person allowed it anew. */
export type Permission = 'granted' | 'denied'

/**
 * Asks where it has to. Call it in a click: browsers show the question only then.
 * @param onAsk called when the question is about to be shown
 */
export async function permissionOf(
  handles: readonly FileSystemHandle[],
  onAsk: () => void = () => {},
): Promise<Permission> {
  for (const handle of handles) {
    // Without these methods (the browser's own file system) a handle is always readable.
    const known = (await handle.queryPermission?.({ mode: 'read' })) ?? 'granted'
    if (known === 'granted') continue
    onAsk()
    const answer = (await handle.requestPermission?.({ mode: 'read' })) ?? 'denied'
    if (answer !== 'granted') return 'denied'
  }
  return 'granted'
}
