import { Alert, Button, type ButtonProps } from '@mantine/core'
import { IconCamera } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { isActive, measureMachine, startCollection, useApp } from '../../store/index.ts'

/** From no photos at all: two empty classes and the camera. */
export function CollectButton(props: ButtonProps) {
  const { t } = useTranslation()
  return (
    <Button
      leftSection={<IconCamera size={18} />}
      {...props}
      data-testid="use-camera"
      onClick={() => {
        void measureMachine()
        void startCollection(
          t('collect.name'),
          [1, 2].map((number) => t('collect.class_n', { number })),
        )
      }}
    >
      {t('collect.start')}
    </Button>
  )
}

/** Why classes made by hand could not be opened. */
export function CollectFailure() {
  const { t } = useTranslation()
  const error = useApp(({ collectError }) => collectError)
  const active = useApp(({ run }) => isActive(run.status))
  // With the run, its reason ends.
  if (!error || (error === 'training' && !active)) return null
  return (
    <Alert color="red" p="xs" role="alert" data-testid="collect-error">
      {t(`collect.error.${error}`)}
    </Alert>
  )
}
