import { describe, expect, it } from 'vitest'
import { newClassifier } from '../model/index.ts'
import { startState } from './fit.ts'
import { randomState, sameTensors } from './random-state.ts'

const state = randomState(3)
const file = (classes: string[] | null) => ({
  state,
  classes: 3,
  metadata: { classes, preprocessing: null, recipe: null, accuracy: null, version: null },
})
const labels = (...names: string[]) => names.map((name, index) => ({ id: String(index + 1), name }))
const fc = (of: typeof state) => [of.get('fc.weight'), of.get('fc.bias')]

describe('the classifier of a start state', () => {
  it('stays where number and names are the dataset’s', () => {
    const start = startState(file(['ant', 'bee', 'fly']), labels('ant', 'bee', 'fly'), 1)
    expect(start.keepsClassifier).toBe(true)
    expect(sameTensors(start.state, state)).toBe(true)
  })

  it('stays where the file names no classes or names the folders', () => {
    expect(startState(file(null), labels('ant', 'bee', 'fly'), 1).keepsClassifier).toBe(true)
    expect(startState(file(['1', '2', '3']), labels('ant', 'bee', 'fly'), 1).keepsClassifier).toBe(true)
  })

  it('is put in the dataset’s order', () => {
    const start = startState(file(['fly', 'ant', 'bee']), labels('ant', 'bee', 'fly'), 1)
    const [weight, bias] = fc(start.state)
    const [fileWeight, fileBias] = fc(state)
    expect(start.keepsClassifier).toBe(true)
    expect([...(bias?.data ?? [])]).toEqual([1, 2, 0].map((row) => fileBias?.data[row]))
    expect(weight?.data.slice(0, 512)).toEqual(fileWeight?.data.slice(512, 1024))
    expect(weight?.data.slice(1024)).toEqual(fileWeight?.data.slice(0, 512))
  })

  it('is new for another number of classes or other names, and drawn from the seed', () => {
    for (const start of [
      startState(file(null), labels('ant', 'bee'), 7),
      startState(file(['ant', 'bee', 'wasp']), labels('ant', 'bee'), 7),
    ]) {
      expect(start.keepsClassifier).toBe(false)
      expect(fc(start.state)).toEqual([...newClassifier(2, 7).values()])
      expect(start.state.size).toBe(122)
      expect(start.state.get('conv1.weight')).toBe(state.get('conv1.weight'))
    }
    const renamed = startState(file(['ant', 'bee', 'wasp']), labels('ant', 'bee', 'fly'), 7)
    expect(renamed.keepsClassifier).toBe(false)
    expect(fc(renamed.state)).toEqual([...newClassifier(3, 7).values()])
  })
})
