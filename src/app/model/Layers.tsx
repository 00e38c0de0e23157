import { useTranslation } from 'react-i18next'
import { type LayerInfo, layersOf, type Stage } from '../../model/index.ts'
import { useFormat } from '../shared/format.ts'
import classes from './ModelPanel.module.css'

interface LayersProps {
  stage: Stage
  /** Of the photo, in px. */
  size: number
  classCount: number
}

/** The layers of a stage: torchvision's names, what they give, their parameters. */
export function Layers({ stage, size, classCount }: LayersProps) {
  const { t } = useTranslation()
  const format = useFormat()
  return (
    <table className={classes.layers} data-testid={`layers-${stage}`}>
      <thead>
        <tr>
          <th scope="col">{t('model.layer_name')}</th>
          <th scope="col">{t('model.layer_output')}</th>
          <th scope="col">{t('model.layer_parameters')}</th>
        </tr>
      </thead>
      <tbody>
        {layersOf(stage, size, classCount).map((layer) => (
          <tr key={layer.name} title={`${t(`model.kind.${layer.kind}`)}${kernelText(layer)}`}>
            <th scope="row">
              <code>{layer.name}</code>
            </th>
            <td>{layer.output.join('×')}</td>
            <td>{layer.parameters > 0 ? format.count(layer.parameters) : '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** As in papers: `3 × 3 / 2`. */
const kernelText = ({ kernel }: LayerInfo): string =>
  kernel ? ` ${kernel.side} × ${kernel.side}${kernel.stride > 1 ? ` / ${kernel.stride}` : ''}` : ''
