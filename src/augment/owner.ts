import { fnv1a } from '../random/index.ts'

/** Which of `count` loaders reads and keeps a photo: always the same one. */
export function ownerOf(path: string, count: number): number {
  return fnv1a(path) % count
}
