/**
 * Requests to other sites, as the browser itself records them (resource timings), on the page and in its workers.
 * A leaf: imports nothing. `reportRequests` is called once by each worker, `countRequests` by the page.
 */

const CHANNEL = 'tabtune-requests'

/** Whether an address belongs to another site than `origin`; `data:` and `blob:` addresses never leave the machine. */
export function isOtherSite(address: string, origin: string): boolean {
  if (!/^(https?|wss?):/.test(address)) return false
  return new URL(address).origin !== origin
}

/** Calls `report` with the address of each request to another site, past ones included. */
function observe(report: (address: string) => void): void {
  const { origin } = globalThis.location
  const read = (entries: PerformanceEntryList) => {
    for (const entry of entries) if (isOtherSite(entry.name, origin)) report(entry.name)
  }
  new PerformanceObserver((list) => read(list.getEntries())).observe({ type: 'resource', buffered: true })
}

/** In a worker: tells the page of each request to another site that this worker makes. */
export function reportRequests(): void {
  const channel = new BroadcastChannel(CHANNEL)
  observe((address) => channel.postMessage(address))
}

/** On the page: calls `report` with each address, the page's own and those of its workers. Returns a stop function. */
export function countRequests(report: (address: string) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL)
  channel.onmessage = (message: MessageEvent<unknown>) => {
    if (typeof message.data === 'string') report(message.data)
  }
  observe(report)
  return () => channel.close()
}
