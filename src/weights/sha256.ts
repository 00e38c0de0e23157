/** SHA-256 of a file. */
import { WeightsError } from './errors.ts'

/**
 * In lower-case hex, by the platform.
 * @throws WeightsError `unsupported` where the page is neither on https nor on localhost: browsers give no hash there.
 */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (crypto.subtle === undefined)
    throw new WeightsError('unsupported', 'Weights can be checked only on https or on localhost.')
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
