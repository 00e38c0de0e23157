import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import { historyText, predictionsText, recipeText } from '../../training/result-texts.ts'
import { saveFile } from '../shared/download.ts'

/** The text files that the command line writes too; they come with the run's end. */
export function ResultFiles() {
  const { t } = useTranslation()
  const result = useApp(({ run }) => run.result)
  const predictions = useApp(({ run }) => run.predictions)
  const names = useApp(({ data }) => data.dataset?.classes)
  if (!result || !names) return null
  const files = [
    { key: 'history', name: 'history.json', text: () => historyText(result.history) },
    { key: 'recipe', name: 'recipe.json', text: () => recipeText(result.recipe) },
    { key: 'predictions', name: 'predictions.csv', text: () => predictionsText(predictions, names) },
  ] as const
  return files.map(({ key, name, text }) => (
    <Button
      key={key}
      variant="default"
      size="xs"
      title={t(`weights.about_${key}`)}
      data-testid={`download-${key}`}
      onClick={() => saveFile(name, new Blob([text()]))}
    >
      {name}
    </Button>
  ))
}
