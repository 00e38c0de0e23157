import { Button, type ButtonProps } from '@mantine/core'
import { IconCameraPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { editCollection, openProjectOf, useApp } from '../../store/index.ts'
import { CollectFailure } from './CollectButton.tsx'

/** Opens the classes again where they were made by hand, or says why not now; draws nothing for a folder. */
export function AddPhotosButton(props: ButtonProps) {
  const { t } = useTranslation()
  const collection = useApp((state) => openProjectOf(state)?.collection ?? null)
  if (collection === null) return null
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconCameraPlus size={15} />}
        {...props}
        data-testid="add-photos"
        onClick={() => void editCollection(collection)}
      >
        {t('collect.add')}
      </Button>
      <CollectFailure />
    </>
  )
}
