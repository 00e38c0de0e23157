/** Files that leave the page: only where the person clicked. */
import { bestWeights, releaseUrl } from '../../store/index.ts'

export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  releaseUrl(url)
}

export async function downloadBest(): Promise<void> {
  const bytes = await bestWeights()
  if (bytes) saveFile('best.safetensors', new Blob([bytes], { type: 'application/octet-stream' }))
}
