import { Button, Group } from '@mantine/core'
import { IconFile, IconHistory } from '@tabler/icons-react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { baseKey } from '../../projects/index.ts'
import {
  areHere,
  discardRun,
  giveWeightFile,
  isActive,
  isSampleRun,
  resumeRun,
  useApp,
} from '../../store/index.ts'
import { FileInput, WEIGHT_FILES } from '../shared/FileInput.tsx'
import { useFormat } from '../shared/format.ts'
import classes from './ResumeOffer.module.css'
import { useFolderChoice } from './use-folder-choice.tsx'

/**
 * After a reload or a crash: the run that was cut off, with its date and accuracy. `isNext`: going on is the one
 * obvious next step.
 */
export function ResumeOffer({ isNext = false }: { isNext?: boolean }) {
  const { t } = useTranslation()
  const format = useFormat()
  const resumable = useApp((state) => state.resumable)
  const awaiting = useApp((state) => state.awaiting)
  const openKey = useApp(({ data }) => data.checkpointKey)
  const reading = useApp(({ data }) => data.status === 'reading')
  const { chooseFolder, inputs } = useFolderChoice()
  const active = useApp(({ run }) => isActive(run.status))
  const weights = useApp((state) => state.weights)
  const weightInput = useRef<HTMLInputElement>(null)
  const offered =
    awaiting ?? resumable.find((run) => baseKey(run.checkpointKey) === baseKey(openKey)) ?? resumable.at(0)
  if (!offered || active) return null

  const { history, savedAt, needs } = offered
  const lacking = needs && !areHere(needs, weights) ? needs : null
  const datasetName = isSampleRun(offered.checkpointKey) ? t('data.samples') : offered.datasetName
  const waiting = awaiting !== null && !reading
  const hint = !waiting
    ? null
    : openKey
      ? t('resume.other', { name: datasetName })
      : t('resume.waiting', { name: datasetName })
  return (
    <section className={classes.offer} aria-labelledby="resume-title" data-testid="resume-offer">
      <IconHistory size={22} className={classes.icon} />
      <div className={classes.text}>
        <h2 id="resume-title" className={classes.title}>
          {t('resume.title')}
        </h2>
        <span>
          {t('resume.text', { name: datasetName, date: format.date(savedAt), count: history.epochs.length })}{' '}
          {history.best && t('resume.best', { accuracy: format.percent(history.best.accuracy) })}
        </span>
        {hint && <strong role="status">{hint}</strong>}
        {lacking && <strong data-testid="resume-former">{t('resume.former', { name: lacking.name })}</strong>}
      </div>
      <Group gap="xs" wrap="nowrap">
        {lacking ? (
          <Button
            variant="light"
            size="xs"
            leftSection={<IconFile size={13} />}
            onClick={() => weightInput.current?.click()}
          >
            {t('resume.choose_weights')}
          </Button>
        ) : waiting ? (
          <Button variant="light" size="xs" onClick={() => chooseFolder()}>
            {t('start.choose')}
          </Button>
        ) : (
          <Button
            disabled={reading}
            variant={isNext ? 'filled' : 'light'}
            size="xs"
            data-testid="resume-run"
            onClick={() => void resumeRun(offered)}
          >
            {t('resume.go')}
          </Button>
        )}
        <Button variant="subtle" color="gray" size="xs" onClick={() => void discardRun(offered)}>
          {t('resume.discard')}
        </Button>
      </Group>
      {inputs}
      <FileInput
        ref={weightInput}
        label={t('resume.choose_weights')}
        accept={WEIGHT_FILES}
        testId="resume-weights-input"
        onFile={(file) => void giveWeightFile(file)}
      />
    </section>
  )
}
