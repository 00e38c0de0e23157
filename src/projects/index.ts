/**
 * What the browser remembers of the datasets that a person opened, and which tab has which of them open. Imports
 * `recipe` only. Gives `Project`, the store that keeps projects (IndexedDB, or memory for tests), and the locks that
 * tell two tabs of one project apart.
 */
export { type Permission, permissionOf } from './permission.ts'
export { type Project, type ProjectKind, parseProject } from './project.ts'
export { browserProjects, MemoryProjects, type ProjectStore } from './project-store.ts'
export { baseKey, type Claim, type Locks, ProjectTabs, type TabChannel } from './tabs.ts'
