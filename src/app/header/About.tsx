import { ActionIcon, Popover, Tooltip } from '@mantine/core'
import { IconHelp } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { version } from '../../../package.json'
import { useApp } from '../../store/index.ts'
import type { EngineInfo } from '../../training/events.ts'
import classes from './About.module.css'
import { KernelWords } from './KernelWords.tsx'

const Kernels = lazy(() => import('./Kernels.tsx').then((module) => ({ default: module.Kernels })))

const WORDS = [
  'epoch',
  'loss',
  'accuracy',
  'validation',
  'frozen',
  'augmentation',
  'rate',
  'overfitting',
] as const

/** What this is, the words that it uses, what computed, licences. Beside the page, never over it: nothing is modal. */
export function About() {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position="bottom-end"
      withArrow
      shadow="md"
      width={400}
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Tooltip label={t('about.open')} disabled={open}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t('about.open')}
            data-testid="about"
            onClick={() => setOpen(!open)}
          >
            <IconHelp size={19} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      {/* It scrolls and holds no control: the keyboard scrolls it by itself. */}
      <Popover.Dropdown
        className={classes.about}
        aria-label={t('about.open')}
        tabIndex={0}
        data-testid="about-box"
      >
        <Content />
      </Popover.Dropdown>
    </Popover>
  )
}

function Content() {
  const { t } = useTranslation()
  const engine = useApp(({ run }) => run.engine)
  return (
    <>
      <h2>{t('about.title', { version })}</h2>
      <p>{t('about.what')}</p>
      <h3>{t('about.words')}</h3>
      <dl>
        {WORDS.map((word) => (
          <div key={word}>
            <dt>{t(`about.word.${word}.name`)}</dt>
            <dd>{t(`about.word.${word}.text`)}</dd>
          </div>
        ))}
      </dl>
      <h3>{t('about.machine')}</h3>
      {engine ? <LastRun engine={engine} /> : <p>{t('about.engine_none')}</p>}
      <h3>{t('about.keyboard')}</h3>
      <p>{t('about.keyboard_text')}</p>
      <h3>{t('about.licences')}</h3>
      <p>{t('about.licences_text')}</p>
      <p>{t('about.weights_text')}</p>
      <p>{t('about.samples_text')}</p>
    </>
  )
}

/** What computed the last run: the graphics card with its name, or the processor; and with which kernels. */
function LastRun({ engine: { engine, adapter, kernels } }: { engine: EngineInfo }) {
  const { t } = useTranslation()
  // The id of one family holds no list.
  const isTable = kernels.includes(':')
  return (
    <>
      <p>
        {t('about.engine', { engine: t(`engine.${engine}`) })}{' '}
        {engine === 'webgpu' && adapter && <code>{adapter}</code>}
      </p>
      {isTable ? (
        <Suspense>
          <Kernels kernels={kernels} />
        </Suspense>
      ) : (
        <>
          <p>
            {t('about.kernels.same')} <code>{kernels}</code>
          </p>
          <dl className={classes.legend} aria-label={t('about.kernels.legend')}>
            <KernelWords names={[kernels]} />
          </dl>
        </>
      )}
    </>
  )
}
