import { IconCamera, IconFileZip, IconFolder, IconPhoto } from '@tabler/icons-react'
import type { ProjectKind } from '../../projects/index.ts'

const icons = { folder: IconFolder, zip: IconFileZip, collection: IconCamera, samples: IconPhoto }

/** Where a project's photos come from. */
export function KindIcon({ kind, size = 16 }: { kind: ProjectKind; size?: number }) {
  const Icon = icons[kind]
  return <Icon size={size} aria-hidden="true" />
}
