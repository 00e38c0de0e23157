import { expect, test } from 'vitest'
import { ProjectTabs } from './tabs.ts'
import { lockManager } from './testing.ts'

test('the second tab of a project writes to a key of its own, and the first to the plain one', async () => {
  const locks = lockManager()
  const [first, second] = [new ProjectTabs(locks), new ProjectTabs(locks)]
  expect(await first.claim('ants-0000')).toEqual({ key: 'ants-0000', isShared: false })
  expect(await second.claim('ants-0000')).toEqual({ key: 'ants-0000.2', isShared: true })
  expect(await second.claim('bees-0000')).toEqual({ key: 'bees-0000', isShared: false })
})

test('a project that is opened again in the same tab keeps its key', async () => {
  const tabs = new ProjectTabs(lockManager())
  await tabs.claim('ants-0000')
  expect(await tabs.claim('ants-0000')).toEqual({ key: 'ants-0000', isShared: false })
  await tabs.leave()
  expect(await tabs.claim('ants-0000')).toEqual({ key: 'ants-0000', isShared: false })
})

test('a tab knows which projects the others have open and train, and not its own', async () => {
  const locks = lockManager()
  const [first, second] = [new ProjectTabs(locks), new ProjectTabs(locks)]
  await first.claim('ants-0000')
  await first.startTraining('ants-0000')
  await second.claim('bees-0000')
  expect(await second.elsewhere()).toEqual({ open: new Set(['ants-0000']), training: new Set(['ants-0000']) })
  expect(await first.elsewhere()).toEqual({ open: new Set(['bees-0000']), training: new Set() })
  await first.endTraining()
  expect((await second.elsewhere()).training).toEqual(new Set())
})

test('the key of a cut-off run is taken only where no other tab writes to it', async () => {
  const locks = lockManager()
  const [first, second] = [new ProjectTabs(locks), new ProjectTabs(locks)]
  await first.claim('ants-0000')
  await second.claim('ants-0000')
  expect(await second.claimExactly('ants-0000')).toBe(false)
  await first.leave()
  expect(await second.claimExactly('ants-0000')).toBe(true)
  expect(await first.claim('ants-0000')).toEqual({ key: 'ants-0000.2', isShared: true })
})

test('where there are no locks, a tab is taken for the only one', async () => {
  const tabs = new ProjectTabs()
  expect(await tabs.claim('ants-0000')).toEqual({ key: 'ants-0000', isShared: false })
  expect(await tabs.elsewhere()).toEqual({ open: new Set(), training: new Set() })
})

test('a window that is refused locks opens and trains its project like the only tab', async () => {
  const refused = () => Promise.reject(new DOMException('The request was denied.', 'SecurityError'))
  const tabs = new ProjectTabs({ request: refused, query: refused })
  expect(await tabs.claim('ants-0000')).toEqual({ key: 'ants-0000', isShared: false })
  await tabs.startTraining('ants-0000')
  await tabs.endTraining()
  expect(await tabs.elsewhere()).toEqual({ open: new Set(), training: new Set() })
  await tabs.leave()
})

test('the other tabs are told of each change', async () => {
  const channel = new EventTarget()
  const told = { postMessage: () => channel.dispatchEvent(new Event('message')) }
  const tabs = new ProjectTabs(lockManager(), {
    ...told,
    addEventListener: channel.addEventListener.bind(channel),
    removeEventListener: channel.removeEventListener.bind(channel),
  })
  let count = 0
  const stop = tabs.onChange(() => count++)
  await tabs.claim('ants-0000')
  await tabs.startTraining('ants-0000')
  await tabs.endTraining()
  stop()
  await tabs.leave()
  expect(count).toBe(3)
})
