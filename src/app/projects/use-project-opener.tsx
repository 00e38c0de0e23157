import type { ReactNode } from 'react'
import type { Project } from '../../projects/index.ts'
import { measureMachine, needsChoosing, openProject } from '../../store/index.ts'
import { useFolderChoice } from '../start/use-folder-choice.tsx'

interface ProjectOpener {
  /** Call it in a click: the browser may ask for permission, or the person for the folder. */
  open(project: Project): void
  chooseFolder(): void
  chooseZip(): void
  inputs: ReactNode
}

/** Opens projects of earlier visits: at once where their handles were kept, else by asking for the folder again. */
export function useProjectOpener(): ProjectOpener {
  const { chooseFolder, chooseZip, inputs } = useFolderChoice()
  return {
    open(project) {
      if (!needsChoosing(project)) {
        void measureMachine()
        void openProject(project)
      } else if (project.kind === 'zip') chooseZip(project)
      else chooseFolder(project)
    },
    chooseFolder: () => chooseFolder(),
    chooseZip: () => chooseZip(),
    inputs,
  }
}
