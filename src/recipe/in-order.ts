/**
 * For JSON.stringify: keys in order. Settings that were read from a document have theirs in the schema's order, a preset's in
 * its own, and are the same.
 */
export const inOrder = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
