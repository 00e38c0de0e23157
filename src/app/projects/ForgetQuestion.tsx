import { Button, FocusTrap, Group } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Project } from '../../projects/index.ts'
import { forgetProject } from '../../store/index.ts'
import classes from './Projects.module.css'
import { useProjectName } from './use-project-name.ts'

interface ForgetQuestionProps {
  project: Project
  /** All copies are gone. */
  onEnd?(): void
  onKeep(): void
}

/** The second step before a project is forgotten, in the place of the first: what goes, and what does not. */
export function ForgetQuestion({ project, onEnd, onKeep }: ForgetQuestionProps) {
  const { t } = useTranslation()
  const nameOf = useProjectName()
  const [going, setGoing] = useState(false)
  const name = nameOf(project)
  const question =
    project.kind === 'collection'
      ? t('projects.forget_sure_collection', { name })
      : t('projects.forget_sure', { name })
  return (
    <div className={classes.question} role="alert" data-testid="forget-question">
      <p>{question}</p>
      <FocusTrap active>
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            color="red"
            loading={going}
            data-testid="forget-yes"
            onClick={async () => {
              setGoing(true)
              await forgetProject(project)
              onEnd?.()
            }}
          >
            {t('projects.forget_yes')}
          </Button>
          <Button size="xs" variant="default" disabled={going} data-autofocus onClick={onKeep}>
            {t('projects.forget_no')}
          </Button>
        </Group>
      </FocusTrap>
    </div>
  )
}
