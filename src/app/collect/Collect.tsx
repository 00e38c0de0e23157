import { ActionIcon, Alert, Button, Loader, TextInput } from '@mantine/core'
import {
  IconAdjustmentsHorizontal,
  IconArrowLeft,
  IconFileZip,
  IconPlayerPlay,
  IconPlus,
} from '@tabler/icons-react'
import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Collection, classFolders, collectionDataset, type Dataset } from '../../dataset/index.ts'
import {
  addCollectedClass,
  addFiles,
  type CollectState,
  closeCollection,
  finishCollection,
  renameCollection,
  useApp,
  zipCollection,
} from '../../store/index.ts'
import { saveFile } from '../shared/download.ts'
import { ClassCard } from './ClassCard.tsx'
import classes from './Collect.module.css'
import { Notices } from './Notices.tsx'
import { Recorder } from './Recorder.tsx'
import { Undo } from './Undo.tsx'
import { useNextStep } from './use-next-step.ts'
import { useSettled } from './use-settled.ts'

/** Classes made by hand: the camera at one side, the classes with their photos at the other. */
export function Collect() {
  const collect = useApp((state) => state.collect)
  return collect && <Opened collect={collect} />
}

function Opened({ collect }: { collect: CollectState }) {
  const { t } = useTranslation()
  const { collection, selected, isNew } = collect
  const deferred = useDeferredValue(collection)
  const dataset = useDataset(deferred)
  const tests = useMemo(() => testsByClass(deferred, dataset), [deferred, dataset])
  const { ready, sentence } = useNextStep(deferred, dataset, selected)
  const said = useSettled(sentence)
  const blocked = dataset.classes.length < 2 || dataset.problems.some(({ fatal }) => fatal)
  usePaste(selected)
  return (
    <main className={classes.collect} id="collect" data-testid="collect">
      <div className={classes.top}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t('collect.back')}
          data-testid="collect-back"
          onClick={() => void closeCollection()}
        >
          <IconArrowLeft size={20} />
        </ActionIcon>
        <div className={classes.heading}>
          <h1 className="visually-hidden">{t('collect.title')}</h1>
          <CollectionName name={collection.name} />
          <p className={classes.sentence} data-ready={ready || undefined} data-testid="next-step">
            {sentence}
          </p>
          <div className="visually-hidden" role="status">
            {said}
          </div>
        </div>
        <div className={classes.actions}>
          <SaveButton />
          <Button
            variant="default"
            leftSection={<IconAdjustmentsHorizontal size={17} />}
            disabled={blocked}
            data-testid="collect-settings"
            onClick={() => void finishCollection({ train: false })}
          >
            {t('collect.settings')}
          </Button>
          <Button
            variant={ready ? 'filled' : 'default'}
            leftSection={<IconPlayerPlay size={17} />}
            disabled={blocked}
            data-testid="collect-train"
            onClick={() => void finishCollection({ train: true })}
          >
            {t('collect.train')}
          </Button>
        </div>
      </div>
      <Notices collect={collect} />
      <div className={classes.columns}>
        <Recorder
          listed={collection.classes}
          selected={collection.classes.find(({ key }) => key === selected)}
          startsAtOnce={isNew}
          primary={!ready}
        />
        <div className={classes.cards}>
          {collection.classes.map((each) => (
            <ClassCard
              key={each.key}
              collection={collection.id}
              of={each}
              selected={each.key === selected}
              tests={tests.get(each.key) ?? none}
            />
          ))}
          <Button
            variant="default"
            leftSection={<IconPlus size={16} />}
            data-testid="add-class"
            onClick={() => addCollectedClass((number) => t('collect.class_n', { number }))}
          >
            {t('collect.add_class')}
          </Button>
          <Undo undo={collect.undo} />
        </div>
      </div>
    </main>
  )
}

const none: ReadonlySet<string> = new Set()

/** What would be trained with. */
function useDataset(collection: Collection): Dataset {
  const seed = useApp(({ recipe }) => recipe.seed)
  const validationShare = useApp(({ recipe }) => recipe.validationShare)
  return useMemo(
    () => collectionDataset(collection, { seed, validationShare }),
    [collection, seed, validationShare],
  )
}

/** Class's key -> paths, within the class, of photos that are kept aside. */
function testsByClass({ classes: all }: Collection, { samples }: Dataset): Map<string, Set<string>> {
  const folders = classFolders(all)
  const keys = new Map(folders.map((folder, i) => [folder, all[i].key]))
  const tests = new Map<string, Set<string>>(all.map(({ key }) => [key, new Set()]))
  for (const { path, split } of samples) {
    const slash = path.indexOf('/')
    if (split === 'valid') tests.get(keys.get(path.slice(0, slash)) ?? '')?.add(path.slice(slash + 1))
  }
  return tests
}

/** Pictures from the clipboard go to the selected class. */
function usePaste(selected: string): void {
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])]
      if (files.length === 0) return
      event.preventDefault()
      void addFiles(selected, files)
    }
    window.addEventListener('paste', paste)
    return () => window.removeEventListener('paste', paste)
  }, [selected])
}

function CollectionName({ name }: { name: string }) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState<string | null>(null)
  return (
    <TextInput
      variant="unstyled"
      className={classes.title}
      aria-label={t('collect.title_name')}
      value={typed ?? name}
      onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      onBlur={() => {
        if (typed !== null) renameCollection(typed)
        setTyped(null)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur()
        if (event.key === 'Escape') setTyped(null)
      }}
    />
  )
}

/** Writes the zip; says so where it could not. */
function SaveButton() {
  const { t } = useTranslation()
  const [saving, setSaving] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const isEmpty = useApp(({ collect }) =>
    collect?.collection.classes.every(({ photos }) => photos.length === 0),
  )
  const save = async () => {
    setSaving(true)
    setFailure(null)
    try {
      const saved = await zipCollection()
      if (saved) saveFile(saved.name, saved.zip)
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error))
    } finally {
      setSaving(false)
    }
  }
  return (
    <>
      <Button
        variant="default"
        leftSection={saving ? <Loader size={15} /> : <IconFileZip size={17} />}
        disabled={isEmpty || saving}
        data-testid="save-zip"
        onClick={() => void save()}
      >
        {saving ? t('collect.saving') : t('collect.save')}
      </Button>
      {failure && (
        <Alert color="red" p="xs" role="alert">
          {t('collect.save_failed', { detail: failure })}
        </Alert>
      )}
    </>
  )
}
