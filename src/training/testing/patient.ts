/** How long `vi.waitFor` waits: other tests keep the cores busy meanwhile. */
export const PATIENT = { timeout: 180_000 }
