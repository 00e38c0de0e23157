/** Files between the headless page and the command line, by GET and PUT below an address of the run's own. */

export async function fetchFile(transfer: string, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(transfer + encodeURIComponent(name))
  if (!response.ok) throw new Error(`${name} could not be fetched from the command line (${response.status})`)
  return new Uint8Array(await response.arrayBuffer())
}

/**
 * The content goes as a Blob: the browser's debugging protocol, by which the command line sees all requests, carries
 * the bytes of any other body too (a checkpoint has 135 MB), but none of a Blob.
 */
export async function putFile(transfer: string, name: string, content: Blob): Promise<void> {
  const response = await fetch(transfer + encodeURIComponent(name), { method: 'PUT', body: content })
  if (!response.ok) throw new Error(`${name} could not be handed to the command line (${response.status})`)
}
