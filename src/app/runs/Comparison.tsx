import { Button } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Sample } from '../../dataset/types.ts'
import { closeComparison, type Differing, type RunsState, useApp } from '../../store/index.ts'
import type { KeptRun } from '../../training/trainer-api.ts'
import panel from '../results/ResultsPanel.module.css'
import { useFormat } from '../shared/format.ts'
import { Thumbnail } from '../shared/Thumbnail.tsx'
import { ComparedCurves } from './ComparedCurves.tsx'
import classes from './Runs.module.css'
import { useRunAccuracy, useRunTitle } from './use-run-words.ts'

/** Photos shown of each kind; the counts say how many there are. */
const MOST = 12
/** Differences that chance makes oftener than this are none. */
const RARE = 0.05

/** Two runs side by side: their curves, the classes and the photos that they differ in. */
export function Comparison(compared: NonNullable<RunsState['compared']>) {
  const { t } = useTranslation()
  const format = useFormat()
  const { first, second, photos, right, classes: differing, onlyFirst, onlySecond, chance } = compared
  const titleOf = useRunTitle()
  const accuracyOf = useRunAccuracy()
  const samples = useApp(({ data }) => data.dataset?.samples)
  const byPath = useMemo(() => new Map(samples?.map((sample) => [sample.path, sample])), [samples])
  const isAlike = titleOf(first) === titleOf(second)
  const nameOf = (run: KeptRun) => (isAlike ? `${titleOf(run)} (${format.date(run.endedAt)})` : titleOf(run))
  const names = { first: nameOf(first), second: nameOf(second) }
  const same = onlyFirst.length + onlySecond.length === 0
  const share = (correct: number, of: number) =>
    format.accuracy({ accuracy: correct / of, correct, samples: of })
  return (
    <div className={classes.comparison} data-testid="comparison">
      <div className={panel.head}>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconArrowLeft size={14} />}
          data-testid="comparison-back"
          onClick={closeComparison}
        >
          {t('runs.back')}
        </Button>
        <strong>
          <span className={classes.first}>{names.first}</span> {accuracyOf(first)} ·{' '}
          <span className={classes.second}>{names.second}</span> {accuracyOf(second)}
        </strong>
      </div>
      <p className={panel.note} role="status" data-testid="comparison-verdict">
        {photos === 0
          ? t('runs.nothing_common')
          : same
            ? t('runs.same', { photos: format.count(photos) })
            : t(chance < RARE ? 'runs.differ' : 'runs.by_chance', {
                ...names,
                first_right: onlyFirst.length,
                second_right: onlySecond.length,
                chance: format.percent(chance),
              })}
      </p>
      <ComparedCurves first={first} second={second} names={names} />
      {differing.length > 0 && (
        <table className={classes.table}>
          <caption>{t('runs.classes')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('runs.class')}</th>
              <th scope="col">{names.first}</th>
              <th scope="col">{names.second}</th>
            </tr>
          </thead>
          <tbody>
            {differing.map((row) => (
              <tr key={row.name}>
                <th scope="row">{row.name}</th>
                <td>{share(row.first, row.photos)}</td>
                <td>{share(row.second, row.photos)}</td>
              </tr>
            ))}
            <tr>
              <th scope="row">{t('runs.all_photos')}</th>
              <td>{share(right[0], photos)}</td>
              <td>{share(right[1], photos)}</td>
            </tr>
          </tbody>
        </table>
      )}
      <Photos
        list={onlyFirst}
        title={t('runs.only', { name: names.first, count: onlyFirst.length })}
        {...{ byPath }}
      />
      <Photos
        list={onlySecond}
        title={t('runs.only', { name: names.second, count: onlySecond.length })}
        {...{ byPath }}
      />
    </div>
  )
}

function Photos({
  list,
  title,
  byPath,
}: {
  list: readonly Differing[]
  title: string
  byPath: ReadonlyMap<string, Sample>
}) {
  const { t } = useTranslation()
  const names = useApp(({ data }) => data.dataset?.classes)
  if (list.length === 0) return null
  const name = (label: number) => names?.[label]?.name ?? String(label)
  return (
    <section>
      <h3 className={panel.title}>{title}</h3>
      <ul className={classes.photos}>
        {list.slice(0, MOST).map((photo) => {
          const sample = byPath.get(photo.path)
          const wrong = photo.first === photo.trueClass ? photo.second : photo.first
          return (
            <li key={photo.path} className={classes.photo}>
              {sample && <Thumbnail sample={sample} alt={t('data.original', { path: photo.path })} />}
              <span>{t('runs.took', { truth: name(photo.trueClass), wrong: name(wrong) })}</span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
