import { Alert, Button, Loader } from '@mantine/core'
import { IconFolderOpen, IconPhoto, IconSparkles, IconUpload } from '@tabler/icons-react'
import { lazy, Suspense, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { loadToClassify, measureMachine, openSamples, useApp } from '../../store/index.ts'
import { ProblemList } from '../data/ProblemList.tsx'
import { FileInput, WEIGHT_FILES } from '../shared/FileInput.tsx'
import { FolderButton } from './FolderButton.tsx'
import { ResumeOffer } from './ResumeOffer.tsx'
import classes from './Start.module.css'

const TryIt = lazy(() => import('../results/TryIt.tsx').then((module) => ({ default: module.TryIt })))

/** The first visit: what this is, and one large place to drop a folder. */
export function Start() {
  const { t } = useTranslation()
  const status = useApp(({ data }) => data.status)
  const found = useApp(({ data }) => data.found)
  const error = useApp(({ data }) => data.error)
  const rejected = useApp(({ data }) => data.rejected)
  const reading = status === 'reading'
  return (
    <main className={classes.start}>
      <div className={classes.intro}>
        <h1 className={classes.sentence}>{t('app.sentence')}</h1>
        <p className={classes.promise}>{t('app.promise')}</p>
      </div>
      <ResumeOffer />
      <div className={classes.zone} data-testid="drop-zone" aria-busy={reading}>
        <FolderDrawing />
        <div className={classes.ask}>
          <h2 className={classes.drop}>{t('start.drop')}</h2>
          <p className={classes.hint}>{t('start.drop_hint')}</p>
          {reading ? (
            <div className={classes.reading} role="status" data-testid="reading">
              <Loader size="sm" />
              {found > 0 ? t('start.reading', { count: found }) : t('start.opening')}
            </div>
          ) : (
            <div className={classes.buttons}>
              <FolderButton
                variant="filled"
                size="md"
                leftSection={<IconFolderOpen size={18} />}
                data-testid="choose-folder"
              >
                {t('start.choose')}
              </FolderButton>
              <Button
                variant="default"
                size="md"
                leftSection={<IconPhoto size={18} />}
                data-testid="use-samples"
                onClick={() => {
                  void measureMachine()
                  void openSamples()
                }}
              >
                {t('start.samples')}
              </Button>
            </div>
          )}
        </div>
      </div>
      {error && (
        <Alert
          color="red"
          title={t(`error.${error.code}`)}
          data-testid="folder-error"
          className={classes.wide}
        >
          {t(`error.${error.code}_remedy`)} <code>{error.detail}</code>
        </Alert>
      )}
      {rejected.length > 0 && (
        <div className={classes.wide}>
          <ProblemList problems={rejected} />
        </div>
      )}
      <OwnWeights />
      <ol className={classes.steps}>
        {(['drop', 'train', 'use'] as const).map((step, index) => (
          <li key={step} className={classes.step}>
            <span className={classes.number} aria-hidden="true">
              {step === 'use' ? <IconSparkles size={15} /> : index + 1}
            </span>
            <div>
              <h3 className={classes.stepTitle}>{t(`start.step_${step}`)}</h3>
              <p className={classes.stepText}>{t(`start.step_${step}_text`)}</p>
            </div>
          </li>
        ))}
      </ol>
    </main>
  )
}

/** Who comes back with weights can use them at once. */
function OwnWeights() {
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

/** How the folder should look, drawn as a tree. */
function FolderDrawing() {
  const { t } = useTranslation()
  return (
    <figure className={classes.drawing}>
      <figcaption className="visually-hidden">{t('start.example')}</figcaption>
      <div className={classes.folder}>{t('start.example_root')}</div>
      {(['ants', 'bees'] as const).map((name) => (
        <div key={name} className={classes.branch}>
          <div className={classes.folder}>{t(`start.example_${name}`)}</div>
          <div className={classes.leaves} aria-hidden="true" data-class={name}>
            <i />
            <i />
            <i />
            <i />
          </div>
        </div>
      ))}
    </figure>
  )
}
