import { Alert, Button, Loader } from '@mantine/core'
import { IconFileZip, IconFolderOpen, IconPhoto, IconSparkles } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { measureMachine, openSamples, useApp } from '../../store/index.ts'
import { CollectButton, CollectFailure } from '../collect/CollectButton.tsx'
import { UnfinishedCollections } from '../collect/UnfinishedCollections.tsx'
import { ProblemList } from '../data/ProblemList.tsx'
import { DataNotices } from '../projects/DataNotices.tsx'
import { LastProjects } from '../projects/LastProjects.tsx'
import { ArrivalNotice } from '../recipe/ArrivalNotice.tsx'
import { FolderDrawing } from './FolderDrawing.tsx'
import { Layouts } from './Layouts.tsx'
import { OwnWeights } from './OwnWeights.tsx'
import { ResumeOffer } from './ResumeOffer.tsx'
import classes from './Start.module.css'
import { useFolderChoice } from './use-folder-choice.tsx'
import { useTouch } from './use-touch.ts'

/** The first page: what this is, one large place to drop a folder, and the way back to what was opened before. */
export function Start() {
  const { t } = useTranslation()
  const error = useApp(({ data }) => data.error)
  const rejected = useApp(({ data }) => data.rejected)
  const cutOff = useApp((state) => state.resumable.length > 0 && state.awaiting === null)
  const awaited = useApp((state) => state.awaiting !== null)
  const remembered = useApp((state) => state.projects.length > 0)
  // One primary button: a run that was cut off, else the last project, else a folder.
  const primary = cutOff ? 'run' : remembered && !awaited ? 'project' : 'folder'
  return (
    <main className={classes.start}>
      <div className={classes.intro}>
        <h1 className={classes.sentence}>{t('app.sentence')}</h1>
        <p className={classes.promise}>{t('app.promise')}</p>
      </div>
      <ResumeOffer isNext={primary === 'run'} />
      <DataNotices />
      <ArrivalNotice className={classes.wide} />
      <UnfinishedCollections />
      <LastProjects isNext={primary === 'project'} />
      <DropZone isNext={primary === 'folder'} />
      {error && (
        <Alert
          color="red"
          title={t(`error.${error.code}`)}
          role="alert"
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
      <Layouts />
    </main>
  )
}

function DropZone({ isNext }: { isNext: boolean }) {
  const { t } = useTranslation()
  const touch = useTouch()
  const reading = useApp(({ data }) => data.status === 'reading')
  const found = useApp(({ data }) => data.found)
  const { chooseFolder, chooseZip, inputs } = useFolderChoice()
  return (
    <div className={classes.zone} data-testid="drop-zone" aria-busy={reading}>
      <FolderDrawing />
      <div className={classes.ask}>
        <h2 className={classes.drop}>{touch ? t('start.touch') : t('start.drop')}</h2>
        <p className={classes.hint}>{touch ? t('start.touch_hint') : t('start.drop_hint')}</p>
        {reading ? (
          <div className={classes.reading} data-testid="reading">
            <Loader size="sm" />
            {found > 0 ? t('start.reading', { count: found }) : t('start.opening')}
          </div>
        ) : (
          <div className={classes.buttons}>
            {touch && <CollectButton variant={isNext ? 'filled' : 'default'} size="md" />}
            <Button
              variant={isNext && !touch ? 'filled' : 'default'}
              size="md"
              leftSection={<IconFolderOpen size={18} />}
              data-testid="choose-folder"
              onClick={() => chooseFolder()}
            >
              {t('start.choose')}
            </Button>
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
            {!touch && <CollectButton variant="default" size="md" />}
            <Button
              variant="subtle"
              size="md"
              leftSection={<IconFileZip size={18} />}
              data-testid="choose-zip"
              onClick={() => chooseZip()}
            >
              {t('start.zip')}
            </Button>
          </div>
        )}
        <CollectFailure />
        {inputs}
      </div>
    </div>
  )
}
