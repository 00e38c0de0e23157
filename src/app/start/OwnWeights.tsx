import { Alert, Button, Loader } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { lazy, Suspense, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { loadToClassify, useApp } from '../../store/index.ts'
import { FileInput, WEIGHT_FILES } from '../shared/FileInput.tsx'
import classes from './Start.module.css'

const TryIt = lazy(() => import('../results/TryIt.tsx').then((module) => ({ default: module.TryIt })))

/** Who comes back with weights can use them at once. */
export function OwnWeights() {
  const { t } = useTranslation()
  const classifier = useApp((state) => state.classifier)
  const error = useApp((state) => state.classifierError)
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button
        variant="subtle"
        size="xs"
        leftSection={<IconUpload size={15} />}
        data-testid="start-load-weights"
        onClick={() => input.current?.click()}
      >
        {t('start.weights')}
      </Button>
      <FileInput
        ref={input}
        label={t('start.weights')}
        accept={WEIGHT_FILES}
        onFile={(file) => void loadToClassify(file)}
      />
      {error && (
        <Alert color="red" title={t('weights.error')} role="alert" className={classes.wide}>
          {t('weights.error_remedy')} <code>{error}</code>
        </Alert>
      )}
      {classifier && (
        <section className={classes.tryIt} aria-label={t('results.try')}>
          <Suspense fallback={<Loader size="sm" />}>
            <TryIt />
          </Suspense>
        </section>
      )}
    </>
  )
}
