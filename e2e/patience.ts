/**
 * ms for which a page test waits for one thing: on a quiet machine of two cores nothing takes a tenth of it, so that one
 * which is ten times slower, or as busy, comes through. A run is waited for as long as it moves (`completed`).
 */
export const PATIENCE = 180_000
