/** Files between the headless page and the command line, by GET and PUT below an address of the run's own. */

export async function fetchFile(transfer: string, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(transfer + encodeURIComponent(name))
  if (!response.ok) throw new Error(`${name} could not be fetched from the command line (${response.status})`)
  return new Uint8Array(await response.arrayBuffer())
}

export async function putFile(transfer: string, name: string, content: BodyInit): Promise<void> {
  const response = await fetch(transfer + encodeURIComponent(name), { method: 'PUT', body: content })
  if (!response.ok) throw new Error(`${name} could not be handed to the command line (${response.status})`)
}
