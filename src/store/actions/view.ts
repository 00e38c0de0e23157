/** What is in sight. */
import { countRequests } from '../../requests/index.ts'
import { type MobilePanel, type ResultsTab, useApp } from '../state.ts'

/** On a phone the results come into sight with their tab. */
export const showTab = (tab: ResultsTab): void => useApp.setState({ tab, panel: 'results' })
export const showPanel = (panel: MobilePanel): void => useApp.setState({ panel })

/** Counts requests to other sites from now on, past ones included. Returns a stop function. */
export function followRequests(): () => void {
  return countRequests((address) =>
    useApp.setState(({ otherSites }) => ({ otherSites: [...otherSites, address] })),
  )
}
