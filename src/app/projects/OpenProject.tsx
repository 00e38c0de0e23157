import { Button, Popover } from '@mantine/core'
import {
  IconChevronDown,
  IconFileZip,
  IconFolderOpen,
  IconPhoto,
  IconTrash,
  IconX,
} from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  closeDataset,
  isActive,
  measureMachine,
  openProjectOf,
  openSamples,
  useApp,
} from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { ForgetQuestion } from './ForgetQuestion.tsx'
import { KindIcon } from './KindIcon.tsx'
import classes from './Projects.module.css'
import { useProjectName } from './use-project-name.ts'
import { useProjectOpener } from './use-project-opener.tsx'

const SHOWN = 6

/** The open dataset's name, which opens the menu. */
export function OpenProject({ name }: { name: string }) {
  const { t } = useTranslation()
  const format = useFormat()
  const nameOf = useProjectName()
  const projects = useApp((state) => state.projects)
  const openId = useApp(({ data }) => data.project)
  const isSample = useApp(({ data }) => data.isSample)
  const active = useApp(({ run }) => isActive(run.status))
  const [opened, setOpened] = useState(false)
  const [asking, setAsking] = useState(false)
  /** After `Keep it` the focus goes back to where the question came from. */
  const [kept, setKept] = useState(false)
  const opener = useProjectOpener()
  const current = openProjectOf({ projects, data: useApp.getState().data })
  const others = projects.filter(({ id, kind }) => id !== openId && kind !== 'samples').slice(0, SHOWN)
  const show = (next: boolean) => {
    setOpened(next)
    setKept(false)
    if (!next) setAsking(false)
  }
  /** What is done closes the menu. */
  const item = (act: () => void) => ({
    variant: 'subtle',
    color: 'gray',
    size: 'sm',
    fullWidth: true,
    justify: 'flex-start',
    className: classes.item,
    disabled: active,
    onClick: () => {
      show(false)
      act()
    },
  })
  return (
    <>
      <Popover
        opened={opened}
        onChange={show}
        position="bottom-start"
        width={300}
        shadow="md"
        trapFocus
        returnFocus
        withinPortal={false}
      >
        <Popover.Target>
          <Button
            variant="default"
            size="compact-md"
            className={classes.opener}
            aria-label={t('projects.menu', { name })}
            rightSection={<IconChevronDown size={14} />}
            data-testid="project-menu"
            onClick={() => show(!opened)}
          >
            <span className={classes.openName} data-testid="dataset-name" title={name}>
              {name}
            </span>
          </Button>
        </Popover.Target>
        <Popover.Dropdown p={6} aria-label={t('projects.menu', { name })}>
          {asking && current ? (
            <ForgetQuestion
              project={current}
              onEnd={() => show(false)}
              onKeep={() => {
                setAsking(false)
                setKept(true)
              }}
            />
          ) : (
            <>
              {current && (
                <p className={classes.label}>
                  {t('projects.about', {
                    photos: format.count(current.photos),
                    classes: format.count(current.classes),
                  })}
                  {current.best !== null &&
                    ` · ${t('projects.best', { accuracy: format.percent(current.best) })}`}
                </p>
              )}
              {active && <p className={classes.busy}>{t('projects.busy')}</p>}
              <Button {...item(opener.chooseFolder)} leftSection={<IconFolderOpen size={16} />}>
                {t('projects.open_folder')}
              </Button>
              <Button {...item(opener.chooseZip)} leftSection={<IconFileZip size={16} />}>
                {t('projects.open_zip')}
              </Button>
              {!isSample && (
                <Button
                  {...item(() => {
                    void measureMachine()
                    void openSamples()
                  })}
                  leftSection={<IconPhoto size={16} />}
                >
                  {t('projects.open_samples')}
                </Button>
              )}
              {others.length > 0 && (
                <>
                  <hr className={classes.rule} />
                  <p className={classes.label}>{t('projects.others')}</p>
                  {others.map((project) => (
                    <Button
                      key={project.id}
                      {...item(() => opener.open(project))}
                      leftSection={<KindIcon kind={project.kind} />}
                      data-testid="other-project"
                    >
                      <span className={classes.other}>
                        <span className={classes.otherName} title={nameOf(project)}>
                          {nameOf(project)}
                        </span>
                        <span className={classes.meta}>
                          {t('projects.opened', { date: format.date(project.openedAt) })}
                          {project.best !== null &&
                            ` · ${t('projects.best', { accuracy: format.percent(project.best) })}`}
                        </span>
                      </span>
                    </Button>
                  ))}
                </>
              )}
              <hr className={classes.rule} />
              {current && (
                <Button
                  {...item(() => {})}
                  leftSection={<IconTrash size={16} />}
                  data-testid="forget-project"
                  autoFocus={kept}
                  onClick={() => setAsking(true)}
                >
                  {t('projects.forget')}
                </Button>
              )}
              <Button {...item(closeDataset)} leftSection={<IconX size={16} />} data-testid="close-project">
                {t('projects.close')}
              </Button>
            </>
          )}
        </Popover.Dropdown>
      </Popover>
      {opener.inputs}
    </>
  )
}
