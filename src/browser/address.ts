/** The address at which the page works in full. */

export interface BetterAddress {
  /** On the machine that serves the page. */
  local: string
  /** From elsewhere, once the server has a certificate. */
  secure: string
}

/** For a page whose address is not secure: browsers trust `localhost` and https. */
export function betterAddress(address: string): BetterAddress {
  const local = new URL(address)
  local.hostname = 'localhost'
  const secure = new URL(address)
  secure.protocol = 'https:'
  for (const url of [local, secure]) url.hash = ''
  return { local: local.href, secure: secure.href }
}
