import { expect, test } from 'vitest'
import { isOn, OPERATIONS, switchedOff, switchOperation } from './operations.ts'
import { presetRecipe } from './presets.ts'
import { augmentationSchema } from './recipe.ts'

const presets = (['course', 'quick'] as const).map((name) => presetRecipe(name).augmentation)

test('an operation that is switched off and on again has the values that it had', () => {
  for (const augmentation of presets)
    for (const name of OPERATIONS.filter((of) => isOn(augmentation, of))) {
      const off = switchOperation(augmentation, name, false)
      expect(isOn(off, name), name).toBe(false)
      expect(switchOperation(off, name, true, augmentation), name).toMatchObject(
        name === 'RandomResizedCrop' ? { geometry: augmentation.geometry } : augmentation,
      )
    }
})

test('an operation that was never on gets values that a preset has', () => {
  const [, quick] = presets
  for (const name of OPERATIONS) {
    const on = switchOperation(quick, name, true)
    expect(isOn(on, name), name).toBe(true)
    expect(augmentationSchema.safeParse(on).success, name).toBe(true)
  }
})

test('rotation and random crops exclude one another and keep the photo’s size', () => {
  const [course] = presets
  const cropped = switchOperation(course, 'RandomResizedCrop', true)
  expect(switchedOff(course, cropped)).toEqual(['RandomRotation'])
  expect(cropped.geometry.crop).toBe(course.geometry.crop)
  const rotated = switchOperation(cropped, 'RandomRotation', true, course)
  expect(rotated.geometry).toEqual(course.geometry)
})
