import { useTranslation } from 'react-i18next'
import type { RecipeProblem } from '../../recipe/index.ts'

/** A recipe's problem in words, e.g. `must be at most 512`. */
export function useProblemText(): (problem: RecipeProblem) => string {
  const { t } = useTranslation()
  return ({ code, limit }) => t(`recipe.problem.${code}`, { limit })
}
