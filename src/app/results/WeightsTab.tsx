import { Alert, Button } from '@mantine/core'
import { IconDownload, IconUpload } from '@tabler/icons-react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { isActive, loadToClassify, useApp } from '../../store/index.ts'
import { downloadBest } from '../shared/download.ts'
import { FileInput, WEIGHT_FILES } from '../shared/FileInput.tsx'
import { useFormat } from '../shared/format.ts'
import classes from './ResultsPanel.module.css'

const recipe = (count: number) => `import torchvision, safetensors.torch
model = torchvision.models.resnet18(num_classes=${count})
model.load_state_dict(safetensors.torch.load_file("best.safetensors"))
model.eval()`

/** The weights leave the page, and come back. */
export function WeightsTab() {
  const { t } = useTranslation()
  const format = useFormat()
  const hasBest = useApp(({ run }) => run.best !== null)
  const classifier = useApp((state) => state.classifier)
  const error = useApp((state) => state.classifierError)
  const active = useApp(({ run }) => isActive(run.status))
  const classCount = useApp(({ data }) => data.dataset?.classes.length ?? 2)
  const input = useRef<HTMLInputElement>(null)
  return (
    <div className={classes.columns}>
      <div className={classes.stack}>
        <Button
          variant="light"
          leftSection={<IconDownload size={17} />}
          disabled={!hasBest}
          data-testid="download-best"
          onClick={() => void downloadBest()}
        >
          {t('weights.download')}
        </Button>
        <p className={classes.note}>{hasBest ? t('weights.download_text') : t('weights.none')}</p>
        {hasBest && <code className={classes.code}>{recipe(classCount)}</code>}
      </div>
      <div className={classes.stack}>
        <Button
          variant="default"
          leftSection={<IconUpload size={17} />}
          disabled={active}
          data-testid="load-weights"
          onClick={() => input.current?.click()}
        >
          {t('weights.load')}
        </Button>
        <FileInput
          ref={input}
          label={t('weights.load')}
          accept={WEIGHT_FILES}
          testId="load-weights-input"
          onFile={(file) => void loadToClassify(file)}
        />
        <p className={classes.note}>{t('weights.load_text')}</p>
        {classifier?.source === 'file' && (
          <p role="status" data-testid="loaded-weights">
            {t('weights.loaded', { name: classifier.name, count: classifier.classes.length })}{' '}
            {classifier.accuracy !== null &&
              t('weights.loaded_accuracy', { accuracy: format.percent(classifier.accuracy) })}
          </p>
        )}
        {error && (
          <Alert color="red" title={t('weights.error')} role="alert" data-testid="load-weights-error">
            {t('weights.error_remedy')} <code>{error}</code>
          </Alert>
        )}
      </div>
    </div>
  )
}
