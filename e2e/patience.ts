/**
 * ms for which a page test waits for one thing: nothing takes a hundredth of it on a quiet machine of two cores, and a
 * machine that is ten times slower, or as busy, comes through. A run is waited for as long as it moves (`completed`).
 */
export const PATIENCE = 180_000
