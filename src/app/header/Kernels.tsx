import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Kind } from '../../engine/plan/kernels/convolution.ts'
import { type KernelCell, type KernelTable, kernelTable } from '../../engine/plan/table.ts'
import { useFormat } from '../shared/format.ts'
import classes from './About.module.css'
import { KernelWords } from './KernelWords.tsx'

/** Zero-width space: names break after their dots. */
const BREAK = '\u200b'
/** torchvision's name; a downsample has one convolution only. */
const shortName = (layer: string) => layer.replace(/(?<=downsample)\.0$/, '').replaceAll('.', `.${BREAK}`)
const KINDS: readonly Kind[] = ['forward', 'inputGradient', 'filterGradient']
const NEVER = '–'

/** Which kernels compute which layer, how long they took when they were measured here, and what the words mean. */
export function Kernels({ kernels }: { kernels: string }) {
  const { t } = useTranslation()
  const [table, setTable] = useState<KernelTable | null>(null)
  useEffect(() => {
    let current = true
    kernelTable(kernels).then(
      (found) => current && setTable(found),
      () => current && setTable(null),
    )
    return () => {
      current = false
    }
  }, [kernels])
  if (!table) return null
  return (
    <>
      <h3 id="kernels-title">{t('about.kernels.title')}</h3>
      <p>{t('about.kernels.what')}</p>
      <p>
        <Measured table={table} />
      </p>
      <table className={classes.kernels} aria-labelledby="kernels-title" data-testid="kernel-table">
        <thead>
          <tr>
            <th scope="col">{t('about.kernels.layer')}</th>
            {KINDS.map((kind) => (
              <th key={kind} scope="col">
                {t(`about.kernels.${kind}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map(({ layer, layers, cells }) => (
            <tr key={layer}>
              <th scope="row">
                {shortName(layer)}
                {layers > 1 && <span> × {layers}</span>}
              </th>
              {KINDS.map((kind) => (
                <td key={kind}>
                  <Cell cell={cells[kind]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <Legend table={table} />
    </>
  )
}

const cellsOf = ({ rows }: KernelTable): KernelCell[] =>
  rows.flatMap(({ cells }) => KINDS.flatMap((kind) => cells[kind] ?? []))

/** What the times are of. */
function Measured({ table }: { table: KernelTable }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { measured } = table
  if (!measured) return t('about.kernels.forgotten')
  const { count, size, milliseconds } = measured
  const isWhole = cellsOf(table).every((cell) => cell.milliseconds !== null)
  return (
    <>
      {t('about.kernels.measured', {
        photos: format.count(count),
        size,
        time: format.duration(milliseconds / 1000),
      })}{' '}
      {!isWhole && t('about.kernels.unmeasured')}
    </>
  )
}

function Cell({ cell }: { cell: KernelCell | null }) {
  const { t } = useTranslation()
  const format = useFormat()
  if (!cell) return NEVER
  return (
    <>
      <code>{cell.family}</code>
      {cell.milliseconds !== null && (
        <span>{t('about.kernels.milliseconds', { ms: format.rate(cell.milliseconds) })}</span>
      )}
    </>
  )
}

/** A student knows a layer and a gradient, but none of the rest. */
function Legend({ table }: { table: KernelTable }) {
  const { t } = useTranslation()
  return (
    <dl className={classes.legend} aria-label={t('about.kernels.legend')}>
      {KINDS.map((kind) => (
        <div key={kind}>
          <dt>{t(`about.kernels.${kind}`)}</dt>
          <dd>{t(`about.kernels.means.${kind}`)}</dd>
        </div>
      ))}
      <div>
        <dt>× 3</dt>
        <dd>{t('about.kernels.means.times')}</dd>
      </div>
      <div>
        <dt>{NEVER}</dt>
        <dd>{t('about.kernels.means.never')}</dd>
      </div>
      <KernelWords names={cellsOf(table).map(({ family }) => family)} />
      <div>
        <dt>{t('about.kernels.numbers.name')}</dt>
        <dd>{t('about.kernels.numbers.text')}</dd>
      </div>
    </dl>
  )
}
