import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Project } from '../../projects/index.ts'
import { needsChoosing, useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { ForgetQuestion } from './ForgetQuestion.tsx'
import { KindIcon } from './KindIcon.tsx'
import classes from './Projects.module.css'
import { useProjectName } from './use-project-name.ts'
import { useProjectOpener } from './use-project-opener.tsx'

const SHOWN = 3

/** What was opened at earlier visits, the last first. `isNext`: opening it is the one obvious next step. */
export function LastProjects({ isNext }: { isNext: boolean }) {
  const { t } = useTranslation()
  const projects = useApp((state) => state.projects)
  const opener = useProjectOpener()
  if (projects.length === 0) return null
  const shown = projects.slice(0, SHOWN)
  const more = projects.slice(SHOWN)
  return (
    <section className={classes.projects} aria-labelledby="projects-title" data-testid="projects">
      <h2 id="projects-title" className={classes.title}>
        {t('projects.title')}
      </h2>
      <ul className={classes.cards}>
        {shown.map((project, index) => (
          <ProjectCard
            key={project.id}
            project={project}
            isNext={isNext && index === 0}
            onOpen={() => opener.open(project)}
          />
        ))}
      </ul>
      {more.length > 0 && (
        <details className={classes.more}>
          <summary>{t('projects.more', { count: more.length })}</summary>
          <ul className={classes.cards}>
            {more.map((project) => (
              <ProjectCard
                key={project.id}
                project={project}
                isNext={false}
                onOpen={() => opener.open(project)}
              />
            ))}
          </ul>
        </details>
      )}
      {projects.some(needsChoosing) && <p className={classes.hint}>{t('projects.choose_hint')}</p>}
      {opener.inputs}
    </section>
  )
}

interface ProjectCardProps {
  project: Project
  isNext: boolean
  onOpen(): void
}

function ProjectCard({ project, isNext, onOpen }: ProjectCardProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const nameOf = useProjectName()
  const [asking, setAsking] = useState(false)
  const reading = useApp(({ data }) => data.status === 'reading')
  const name = nameOf(project)
  if (asking)
    return (
      <li className={classes.card} data-asking>
        <ForgetQuestion project={project} onKeep={() => setAsking(false)} />
      </li>
    )
  return (
    <li className={classes.card} data-testid="project">
      <KindIcon kind={project.kind} size={22} />
      <div className={classes.cardText}>
        <div className={classes.cardName} title={name}>
          {name}
        </div>
        <span className={classes.meta}>
          {t('projects.about', {
            photos: format.count(project.photos),
            classes: format.count(project.classes),
          })}
          {project.best !== null && ` · ${t('projects.best', { accuracy: format.percent(project.best) })}`}
        </span>
        <span className={classes.meta}>{t('projects.opened', { date: format.date(project.openedAt) })}</span>
      </div>
      <Tooltip label={t('projects.forget')}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('projects.forget_named', { name })}
          data-testid="forget-project"
          onClick={() => setAsking(true)}
        >
          <IconTrash size={16} />
        </ActionIcon>
      </Tooltip>
      <Button
        className={classes.cardActions}
        size="xs"
        variant={isNext ? 'filled' : 'default'}
        disabled={reading}
        data-testid="open-again"
        onClick={onOpen}
      >
        {needsChoosing(project) ? t('projects.choose_again', { name }) : t('projects.again', { name })}
      </Button>
    </li>
  )
}
