import { ActionIcon, Tooltip } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { services, useApp } from '../../store/index.ts'
import classes from './AugmentationPanel.module.css'

const PLACES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

/** One training photo, as training sees it: the very pixels. */
export function AugmentationPanel() {
  const { t } = useTranslation()
  const dataset = useApp(({ data }) => data.dataset)
  const augmentation = useApp(({ recipe }) => recipe.augmentation)
  const [draw, setDraw] = useState(1)
  const grid = useRef<HTMLDivElement>(null)

  useEffect(() => {
    const photos = dataset?.samples.filter(({ split }) => split === 'train') ?? []
    if (photos.length === 0) return
    // Another photo with each new draw, far from the one before.
    const sample = photos[Math.floor(draw * photos.length * 0.618) % photos.length]
    let current = true
    services()
      .preview(sample, augmentation, draw, PLACES.length)
      .then((images) => {
        if (!current) return
        const canvases = grid.current?.querySelectorAll('canvas') ?? []
        images.forEach((image, index) => {
          const canvas = canvases[index]
          if (!canvas) return
          canvas.width = image.width
          canvas.height = image.height
          canvas.getContext('2d')?.putImageData(image, 0, 0)
        })
      })
      // A photo that cannot be read is listed among the problems; the views stay empty.
      .catch(() => undefined)
    return () => {
      current = false
    }
  }, [dataset, augmentation, draw])

  return (
    <div className={classes.preview} data-testid="augmentation-preview">
      <div className={classes.previewHead}>
        <span>{t('data.augmentation')}</span>
        <Tooltip label={t('data.again')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={t('data.again')}
            onClick={() => setDraw(draw + 1)}
          >
            <IconRefresh size={14} />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={classes.previewGrid} ref={grid} role="img" aria-label={t('data.augmentation')}>
        {PLACES.map((place) => (
          <canvas key={place} width={1} height={1} />
        ))}
      </div>
    </div>
  )
}
