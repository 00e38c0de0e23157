/** Going on with a run of an earlier visit: its photos are opened first. */
import type { ResumableRun } from '../../training/trainer-api.ts'
import { useApp } from '../state.ts'
import { openSamples } from './data.ts'
import { isSampleRun } from './dataset-facts.ts'
import { openProject } from './projects.ts'
import { goOn, isRunOf } from './training.ts'

/** Goes on at once where its photos are open; else it waits for them. */
export async function resumeRun(run: ResumableRun): Promise<void> {
  const { data, projects } = useApp.getState()
  if (isRunOf(run, data.checkpointKey)) return goOn(run)
  useApp.setState({ awaiting: run })
  if (isSampleRun(run.checkpointKey)) return openSamples()
  const project = projects.find(({ checkpointKeys }) => checkpointKeys.some((key) => isRunOf(run, key)))
  if (project) await openProject(project)
}
