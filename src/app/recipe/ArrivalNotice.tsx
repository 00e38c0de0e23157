import { Alert, Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { isFormerBuiltin, type Recipe, stagesOf } from '../../recipe/index.ts'
import {
  areHere,
  dismissArrival,
  isActive,
  type RecipeArrival,
  undoArrival,
  useApp,
} from '../../store/index.ts'
import classes from './Recipe.module.css'
import { useProblemText } from './use-problem-text.ts'

/** As many problems as can be read at one go. */
const MOST_SHOWN = 4

interface ArrivalNoticeProps {
  /** Only what came this way. */
  from?: RecipeArrival['from']
  className?: string
}

/** A recipe came by a link or a file: which, and the way back; or why it was not taken. */
export function ArrivalNotice({ from, className }: ArrivalNoticeProps) {
  const arrival = useApp((state) => state.arrival)
  if (!arrival || (from && arrival.from !== from)) return null
  return (
    <div className={className}>
      {arrival.status === 'taken' ? <Taken arrival={arrival} /> : <Refused arrival={arrival} />}
    </div>
  )
}

function Taken({ arrival }: { arrival: Extract<RecipeArrival, { status: 'taken' }> }) {
  const { t } = useTranslation()
  const recipe = useApp((state) => state.recipe)
  const active = useApp(({ run }) => isActive(run.status))
  const here = useApp(({ weights }) => areHere(recipe.weights, weights))
  const inWords = useRecipeInWords()
  return (
    <Alert color="blue" p="xs" role="status" data-testid="recipe-taken">
      <p className={classes.arrival}>
        <strong>
          {arrival.from === 'link' ? t('recipe.from_link') : t('recipe.from_file', { name: arrival.name })}
        </strong>{' '}
        {inWords(recipe)} {isFormerBuiltin(recipe.weights) && !here && t('recipe.former')}
      </p>
      <div className={classes.fileButtons}>
        <Button size="compact-xs" variant="default" data-testid="recipe-keep" onClick={dismissArrival}>
          {t('recipe.keep')}
        </Button>
        <Button
          size="compact-xs"
          variant="subtle"
          disabled={active}
          data-testid="recipe-undo"
          onClick={() => {
            undoArrival()
            // Else the next reload would open the link again.
            history.replaceState(null, '', location.pathname + location.search)
          }}
        >
          {t('recipe.undo')}
        </Button>
      </div>
    </Alert>
  )
}

function Refused({ arrival }: { arrival: Extract<RecipeArrival, { status: 'refused' }> }) {
  const { t } = useTranslation()
  const problemText = useProblemText()
  const { from, name, problems } = arrival
  return (
    <Alert
      color="red"
      p="xs"
      role="alert"
      title={from === 'link' ? t('recipe.link_refused') : t('recipe.file_refused', { name })}
      withCloseButton
      closeButtonLabel={t('recipe.dismiss')}
      onClose={dismissArrival}
      data-testid="recipe-refused"
    >
      {problems.length === 0 && (from === 'link' ? t('recipe.link_damaged') : t('recipe.file_damaged'))}
      {problems.length > 0 && (
        <ul className={classes.problems}>
          {problems.slice(0, MOST_SHOWN).map((problem) => (
            <li key={`${problem.path} ${problem.code}`}>
              {problem.path && <code>{problem.path}</code>} {problemText(problem)}
            </li>
          ))}
          {problems.length > MOST_SHOWN && (
            <li>{t('recipe.more_problems', { count: problems.length - MOST_SHOWN })}</li>
          )}
        </ul>
      )}
      <p className={classes.arrival}>{t('recipe.kept')}</p>
    </Alert>
  )
}

/** What one would tell another person of a recipe. */
function useRecipeInWords(): (recipe: Recipe) => string {
  const { t } = useTranslation()
  return (recipe) => {
    const { preset, evaluation, seed, weights } = recipe
    return t('recipe.in_words', {
      preset: t(`preset.${preset}`),
      size: evaluation.crop,
      epochs: stagesOf(recipe)
        .map((stage) => recipe.stages[stage].epochs)
        .join(' + '),
      seed,
      weights: weights.kind === 'file' ? weights.name : t(`model.${weights.kind}`),
    })
  }
}
