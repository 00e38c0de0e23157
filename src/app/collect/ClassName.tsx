import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type NameFault, nameFault } from '../../dataset/index.ts'
import { renameCollectedClass, useApp } from '../../store/index.ts'
import classes from './Collect.module.css'

/** A class's name, changed in place: Enter or leaving takes it, Escape gives the old one back. */
export function ClassName({ id, name }: { id: string; name: string }) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState<string | null>(null)
  const [refused, setRefused] = useState<NameFault | null>(null)
  const collection = useApp(({ collect }) => collect?.collection)
  const typedFault = typed !== null && collection ? nameFault(collection, id, typed) : null
  const fault = typedFault ?? refused

  const take = () => {
    if (typed !== null) setRefused(renameCollectedClass(id, typed))
    setTyped(null)
  }
  return (
    <TextInput
      variant="unstyled"
      className={classes.name}
      aria-label={t('collect.class_name', { name })}
      value={typed ?? name}
      error={fault && t(`collect.name_fault.${fault}`, { name })}
      errorProps={{ role: 'alert' }}
      data-testid="class-name"
      onFocus={({ currentTarget }) => currentTarget.select()}
      onChange={({ currentTarget }) => {
        setRefused(null)
        setTyped(currentTarget.value)
      }}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur()
        if (event.key === 'Escape') setTyped(null)
      }}
    />
  )
}
