import { type InputWrapperProps, NumberInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RecipeProblem } from '../../recipe/index.ts'
import { useProblemText } from './use-problem-text.ts'

/** What is said stands below: the inputs of a row are in line. */
export const ORDER: InputWrapperProps['inputWrapperOrder'] = ['label', 'input', 'error', 'description']

interface NumberFieldProps {
  /** Absent where `aria-label` names it. */
  label?: ReactNode
  'aria-label'?: string
  hideControls?: boolean
  description?: string
  value: number
  step: number
  /** How many of the recipe's unit one of the field's is: a recipe's bounds are said in the field's. */
  unit?: number
  disabled?: boolean
  'data-testid': string
  /** Gives what is wrong with the value, or null where it was taken. */
  onValue(value: number): RecipeProblem | null
}

/** What is being typed may pass through values that no recipe has: the recipe keeps the last good one. */
export function NumberField({ value, unit = 1, onValue, ...input }: NumberFieldProps) {
  const { t } = useTranslation()
  const problemText = useProblemText()
  const [draft, setDraft] = useState<{ text: number | string; problem: RecipeProblem | null } | null>(null)
  const problem = draft?.problem
  return (
    <NumberInput
      {...input}
      size="xs"
      inputWrapperOrder={ORDER}
      value={draft ? draft.text : value}
      decimalScale={7}
      clampBehavior="none"
      error={problem && t('settings.kept', { problem: problemText(inUnit(problem, unit)), value })}
      onChange={(text) => {
        // An empty field is no number.
        const problem = onValue(text === '' ? Number.NaN : Number(text))
        setDraft({ text, problem })
      }}
      onBlur={() => {
        if (!problem) setDraft(null)
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !draft) return
        event.stopPropagation()
        setDraft(null)
      }}
    />
  )
}

function inUnit(problem: RecipeProblem, unit: number): RecipeProblem {
  const bound = Number(problem.limit)
  return unit === 1 || problem.limit === '' || Number.isNaN(bound)
    ? problem
    : { ...problem, limit: String(bound / unit) }
}
