/** Where projects are kept: in IndexedDB, since only it takes file handles; in memory for tests. */
import { createStore, del, set, type UseStore, values } from 'idb-keyval'
import { type Project, parseProject } from './project.ts'

/** All reject where the browser keeps nothing (a private window, an address that is not secure). */
export interface ProjectStore {
  /** The last opened first. */
  list(): Promise<Project[]>
  put(project: Project): Promise<void>
  remove(id: string): Promise<void>
}

const newestFirst = (projects: readonly Project[]) =>
  projects.toSorted((a, b) => b.openedAt.localeCompare(a.openedAt))

export function browserProjects(): ProjectStore {
  let opened: UseStore | undefined
  const store = () => {
    opened ??= createStore('tabtune-projects', 'projects')
    return opened
  }
  return {
    list: async () => {
      const stored = await values<unknown>(store())
      return newestFirst(stored.map(parseProject).filter((project) => project !== null))
    },
    put: async (project) => set(project.id, project, store()),
    remove: async (id) => del(id, store()),
  }
}

export class MemoryProjects implements ProjectStore {
  readonly kept = new Map<string, Project>()

  async list(): Promise<Project[]> {
    return newestFirst([...this.kept.values()])
  }

  async put(project: Project): Promise<void> {
    this.kept.set(project.id, project)
  }

  async remove(id: string): Promise<void> {
    this.kept.delete(id)
  }
}
