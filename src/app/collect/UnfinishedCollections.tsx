import { Button } from '@mantine/core'
import { IconCamera } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CollectionInfo } from '../../dataset/index.ts'
import { deleteCollection, editCollection, listCollections, useApp } from '../../store/index.ts'
import classes from './Collect.module.css'

/** Photos that were taken but never trained with: they are no project yet, and must not be lost. */
export function UnfinishedCollections() {
  const { t } = useTranslation()
  const projects = useApp((state) => state.projects)
  const [found, setFound] = useState<readonly CollectionInfo[]>([])
  const [asked, setAsked] = useState<string | null>(null)
  useEffect(() => {
    let current = true
    // A browser that keeps no files has nothing to offer.
    listCollections().then(
      (all) => current && setFound(all),
      () => {},
    )
    return () => {
      current = false
    }
  }, [])
  const listed = found.filter(({ id }) => !projects.some(({ collection }) => collection === id))
  if (listed.length === 0) return null
  const remove = async (id: string) => {
    await deleteCollection(id)
    setFound(await listCollections())
  }
  return (
    <ul className={classes.unfinished}>
      {listed.map(({ id, name, photos }) => (
        <li key={id} className={classes.undo} data-testid="unfinished">
          <IconCamera size={18} aria-hidden="true" />
          {asked === id ? (
            <>
              <span role="alert">{t('collect.delete_ask', { name, count: photos })}</span>
              <Button variant="default" size="compact-sm" onClick={() => setAsked(null)}>
                {t('collect.delete_keep')}
              </Button>
              <Button variant="default" size="compact-sm" color="red" onClick={() => void remove(id)}>
                {t('collect.delete')}
              </Button>
            </>
          ) : (
            <>
              <span>{t('collect.unfinished', { name, count: photos })}</span>
              <Button
                variant="default"
                size="compact-sm"
                data-testid="go-on"
                onClick={() => void editCollection(id)}
              >
                {t('collect.go_on')}
              </Button>
              <Button variant="subtle" color="gray" size="compact-sm" onClick={() => setAsked(id)}>
                {t('collect.delete')}
              </Button>
            </>
          )}
        </li>
      ))}
    </ul>
  )
}
