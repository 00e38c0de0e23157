import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Kind } from '../../engine/plan/kernels/convolution.ts'
import { type KernelTable, kernelTable } from '../../engine/plan/table.ts'
import { useFormat } from '../shared/format.ts'
import classes from './About.module.css'

/** Zero-width space: names break after their dots. */
const BREAK = '\u200b'
const KINDS: readonly Kind[] = ['forward', 'inputGradient', 'filterGradient']

/** Which kernels compute which layer, and how long they took when they were measured here. */
export function Kernels({ kernels }: { kernels: string }) {
  const { t } = useTranslation()
  const format = useFormat()
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
  const { rows, measured } = table
  return (
    <table className={classes.kernels} data-testid="kernel-table">
      <caption>
        {t('about.kernels.caption')}{' '}
        {measured &&
          t('about.kernels.measured', { photos: format.count(measured.count), size: measured.size })}
      </caption>
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
        {rows.map(({ layer, layers, cells }) => (
          <tr key={layer}>
            <th scope="row">
              {layer.replaceAll('.', `.${BREAK}`)}
              {layers > 1 && <span> × {layers}</span>}
            </th>
            {KINDS.map((kind) => (
              <td key={kind}>
                {cells[kind]?.family ?? '–'}
                {typeof cells[kind]?.milliseconds === 'number' && (
                  <span>
                    {t('about.kernels.milliseconds', { ms: format.rate(cells[kind].milliseconds) })}
                  </span>
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
