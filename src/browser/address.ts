/** The same page by the name that a machine has for itself, which browsers trust without https. */
export function localAddress(address: string): string {
  const local = new URL(address)
  local.hostname = 'localhost'
  local.hash = ''
  return local.href
}
