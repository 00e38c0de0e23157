import { ActionIcon, Alert, Portal, Progress, TextInput, Tooltip } from '@mantine/core'
import { IconFileText, IconSearch } from '@tabler/icons-react'
import { lazy, Suspense, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { photoCounts } from '../../dataset/index.ts'
import { nameClasses, useApp } from '../../store/index.ts'
import { AugmentationPanel } from '../augmentation/AugmentationPanel.tsx'
import { AddPhotosButton } from '../collect/AddPhotosButton.tsx'
import { DataNotices } from '../projects/DataNotices.tsx'
import { FileInput } from '../shared/FileInput.tsx'
import { useFormat } from '../shared/format.ts'
import { Panel } from '../shared/Panel.tsx'
import { ClassList, type ListedClass } from './ClassList.tsx'
import classes from './DataPanel.module.css'
import { ProblemList } from './ProblemList.tsx'
import { SlowPhotos } from './SlowPhotos.tsx'
import { SplitBar } from './SplitBar.tsx'

const ClassPhotos = lazy(() =>
  import('./ClassPhotos.tsx').then((module) => ({ default: module.ClassPhotos })),
)

/** What was dropped: counts, splits, classes, problems. */
export function DataPanel({ className }: { className: string }) {
  const { t } = useTranslation()
  const format = useFormat()
  const dataset = useApp(({ data }) => data.dataset)
  const rejected = useApp(({ data }) => data.rejected)
  const error = useApp(({ data }) => data.error)
  const unreadable = useApp(({ data }) => data.unreadable)
  const decoding = useApp(({ data }) => data.decoding)
  const leaked = useApp(({ data }) => data.leaked)
  const skipped = useApp(({ run }) => run.skipped)
  const [query, setQuery] = useState('')
  const namesInput = useRef<HTMLInputElement>(null)
  /** The class whose photos are shown, of this dataset and no other. */
  const [opened, setOpened] = useState<{ key: string; label: number } | null>(null)
  const key = useApp(({ data }) => data.checkpointKey)
  const opener = useRef<Element>(null)

  const listed = useMemo((): ListedClass[] => {
    if (!dataset) return []
    const counts = photoCounts(dataset)
    const examples = new Map<number, ListedClass['examples']>()
    for (const sample of dataset.samples) {
      const of = examples.get(sample.label) ?? []
      if (of.length < 4) examples.set(sample.label, [...of, sample])
    }
    return dataset.classes.map((info, label) => ({
      ...info,
      label,
      counts: counts[label],
      examples: examples.get(label) ?? [],
    }))
  }, [dataset])
  const needle = query.trim().toLocaleLowerCase()
  const shown = useMemo(
    () =>
      needle
        ? listed.filter(({ name, id }) => `${name}\n${id}`.toLocaleLowerCase().includes(needle))
        : listed,
    [listed, needle],
  )
  const problems = useMemo(
    () => [
      ...rejected,
      ...(dataset?.problems ?? []),
      ...leaked,
      ...[...unreadablePhotos(unreadable, skipped)].map(([path, reason]) => ({
        code: 'unreadable-photo' as const,
        fatal: false,
        values: { path, reason },
      })),
    ],
    [dataset, rejected, leaked, unreadable, skipped],
  )
  if (!dataset) return null

  return (
    <Panel
      title={t('panel.data')}
      testId="data-panel"
      className={className}
      aside={
        <Tooltip label={t('data.names_hint')} multiline maw={260}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('data.names')}
            onClick={() => namesInput.current?.click()}
          >
            <IconFileText size={16} />
          </ActionIcon>
        </Tooltip>
      }
    >
      <FileInput
        ref={namesInput}
        label={t('data.names')}
        accept=".json,application/json"
        testId="names-input"
        onFile={(file) => void nameClasses(file)}
      />
      <DataNotices />
      <div className={classes.counts} data-testid="dataset-counts">
        <span>
          <strong>{format.count(dataset.samples.length)}</strong>{' '}
          {t('data.photo_unit', { count: dataset.samples.length })}
        </span>
        <span>
          <strong>{format.count(dataset.classes.length)}</strong>{' '}
          {t('data.class_unit', { count: dataset.classes.length })}
        </span>
      </div>
      <SplitBar dataset={dataset} />
      <AddPhotosButton />
      {decoding && (
        <div className={classes.decoding} data-testid="decoding">
          {t('data.decoding', { done: format.count(decoding.done), total: format.count(decoding.total) })}
          <Progress
            size={4}
            value={(100 * decoding.done) / decoding.total}
            aria-label={t('data.decoding', { done: decoding.done, total: decoding.total })}
          />
          <SlowPhotos />
        </div>
      )}
      {error && (
        <Alert color="red" p="xs" title={t(`error.${error.code}`)} role="alert">
          {t(`error.${error.code}_remedy`)} <code>{error.detail}</code>
        </Alert>
      )}
      {problems.length > 0 && <ProblemList problems={problems} collapsible />}
      {listed.length > 6 && (
        <TextInput
          size="xs"
          leftSection={<IconSearch size={14} />}
          placeholder={t('data.search')}
          aria-label={t('data.search')}
          value={query}
          data-testid="class-search"
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
      )}
      <ClassList
        listed={shown}
        onOpen={(label) => {
          opener.current = document.activeElement
          setOpened({ key, label })
        }}
      />
      <AugmentationPanel />
      {opened?.key === key && (
        <Portal>
          <Suspense fallback={null}>
            <ClassPhotos
              dataset={dataset}
              label={opened.label}
              onLabel={(label) => setOpened({ key, label })}
              onClose={() => {
                setOpened(null)
                if (opener.current instanceof HTMLElement) opener.current.focus()
              }}
            />
          </Suspense>
        </Portal>
      )}
    </Panel>
  )
}

type Failed = readonly { path: string; reason: string }[]

/** Found before or during a run: each photo once. */
const unreadablePhotos = (before: Failed, during: Failed): Map<string, string> =>
  new Map([...before, ...during].map(({ path, reason }) => [path, reason]))
