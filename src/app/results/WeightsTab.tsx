import { Alert, Button, CopyButton } from '@mantine/core'
import { IconCheck, IconCopy, IconDownload, IconUpload } from '@tabler/icons-react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { backToRunWeights, isActive, loadToClassify, useApp } from '../../store/index.ts'
import { downloadBest } from '../shared/download.ts'
import { FileInput, WEIGHT_FILES } from '../shared/FileInput.tsx'
import { useFormat } from '../shared/format.ts'
import { pytorchCode } from './pytorch.ts'
import { ResultFiles } from './ResultFiles.tsx'
import classes from './ResultsPanel.module.css'
import { useWeightInfo } from './use-weight-info.ts'
import { WeightFacts } from './WeightFacts.tsx'
import styles from './Weights.module.css'

/** The weights leave the page, and come back. */
export function WeightsTab() {
  const { t } = useTranslation()
  const hasBest = useApp(({ run }) => run.best !== null)
  const info = useWeightInfo()
  return (
    <div className={styles.columns}>
      <div className={classes.stack}>
        <div className={styles.downloads}>
          <Button
            variant="light"
            leftSection={<IconDownload size={17} />}
            disabled={!hasBest}
            data-testid="download-best"
            onClick={() => void downloadBest()}
          >
            {t('weights.download')}
          </Button>
          <ResultFiles />
        </div>
        {!hasBest && <p className={classes.note}>{t('weights.none')}</p>}
        {info && <WeightFacts info={info} />}
        {hasBest && !info && <p className={classes.note}>{t('weights.facts_later')}</p>}
      </div>
      <div className={classes.stack}>
        {info && (
          <>
            <div className={styles.codeHead}>
              <span>{t('weights.download_text')}</span>
              <CopyButton value={pytorchCode(info)}>
                {({ copied, copy }) => (
                  <Button
                    variant="default"
                    size="compact-xs"
                    leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
                    data-testid="copy-pytorch"
                    onClick={copy}
                  >
                    {copied ? t('weights.copied') : t('weights.copy')}
                  </Button>
                )}
              </CopyButton>
            </div>
            <textarea
              className={styles.code}
              readOnly
              translate="no"
              wrap="off"
              rows={12}
              value={pytorchCode(info)}
              aria-label={t('weights.code')}
              data-testid="pytorch-code"
            />
          </>
        )}
        <LoadAgain />
      </div>
    </div>
  )
}

function LoadAgain() {
  const { t } = useTranslation()
  const format = useFormat()
  const classifier = useApp((state) => state.classifier)
  const error = useApp((state) => state.classifierError)
  const active = useApp(({ run }) => isActive(run.status))
  const hasBest = useApp(({ run }) => run.best !== null)
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <div className={styles.downloads}>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconUpload size={16} />}
          disabled={active}
          data-testid="load-weights"
          onClick={() => input.current?.click()}
        >
          {t('weights.load')}
        </Button>
        {classifier?.source === 'file' && hasBest && (
          <Button
            variant="default"
            size="xs"
            disabled={active}
            data-testid="use-run-weights"
            onClick={() => void backToRunWeights()}
          >
            {t('weights.use_run')}
          </Button>
        )}
      </div>
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
    </>
  )
}
