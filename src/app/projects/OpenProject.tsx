import { Button, Menu } from '@mantine/core'
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
  const opener = useProjectOpener()
  const current = openProjectOf({ projects, data: useApp.getState().data })
  const others = projects.filter(({ id, kind }) => id !== openId && kind !== 'samples').slice(0, SHOWN)
  return (
    <>
      <Menu
        opened={opened}
        onChange={(next) => {
          setOpened(next)
          if (!next) setAsking(false)
        }}
        position="bottom-start"
        width={300}
        shadow="md"
      >
        <Menu.Target>
          <Button
            variant="default"
            size="compact-md"
            className={classes.opener}
            aria-label={t('projects.menu', { name })}
            rightSection={<IconChevronDown size={14} />}
            data-testid="project-menu"
          >
            <span className={classes.openName} data-testid="dataset-name" title={name}>
              {name}
            </span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {asking && current ? (
            <ForgetQuestion
              project={current}
              onEnd={() => setOpened(false)}
              onKeep={() => setAsking(false)}
            />
          ) : (
            <>
              {current && (
                <Menu.Label>
                  {t('projects.about', {
                    photos: format.count(current.photos),
                    classes: format.count(current.classes),
                  })}
                  {current.best !== null &&
                    ` · ${t('projects.best', { accuracy: format.percent(current.best) })}`}
                </Menu.Label>
              )}
              {active && <p className={classes.busy}>{t('projects.busy')}</p>}
              <Menu.Item
                leftSection={<IconFolderOpen size={16} />}
                disabled={active}
                onClick={opener.chooseFolder}
              >
                {t('projects.open_folder')}
              </Menu.Item>
              <Menu.Item leftSection={<IconFileZip size={16} />} disabled={active} onClick={opener.chooseZip}>
                {t('projects.open_zip')}
              </Menu.Item>
              {!isSample && (
                <Menu.Item
                  leftSection={<IconPhoto size={16} />}
                  disabled={active}
                  onClick={() => {
                    void measureMachine()
                    void openSamples()
                  }}
                >
                  {t('projects.open_samples')}
                </Menu.Item>
              )}
              {others.length > 0 && (
                <>
                  <Menu.Divider />
                  <Menu.Label>{t('projects.others')}</Menu.Label>
                  {others.map((project) => (
                    <Menu.Item
                      key={project.id}
                      leftSection={<KindIcon kind={project.kind} />}
                      disabled={active}
                      data-testid="other-project"
                      onClick={() => opener.open(project)}
                    >
                      <span className={classes.otherName}>{nameOf(project)}</span>
                      <span className={classes.meta}>
                        {t('projects.opened', { date: format.date(project.openedAt) })}
                        {project.best !== null &&
                          ` · ${t('projects.best', { accuracy: format.percent(project.best) })}`}
                      </span>
                    </Menu.Item>
                  ))}
                </>
              )}
              <Menu.Divider />
              {current && (
                <Menu.Item
                  leftSection={<IconTrash size={16} />}
                  color="red"
                  disabled={active}
                  closeMenuOnClick={false}
                  data-testid="forget-project"
                  onClick={() => setAsking(true)}
                >
                  {t('projects.forget')}
                </Menu.Item>
              )}
              <Menu.Item
                leftSection={<IconX size={16} />}
                disabled={active}
                data-testid="close-project"
                onClick={closeDataset}
              >
                {t('projects.close')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {opener.inputs}
    </>
  )
}
