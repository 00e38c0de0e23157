import { Alert, Button, Progress, TextInput } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { cancelDownload, downloadImageNet, useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import classes from './ModelPanel.module.css'

/** Bytes of torchvision's ImageNet weights as the hub has them. */
const IMAGENET_BYTES = 46_831_680

interface ImageNetWeightsProps {
  /** The person wants to give the file instead. */
  onFile(): void
}

/** Fetched only where the person asks; what can go wrong has a way out. */
export function ImageNetWeights({ onFile }: ImageNetWeightsProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const imagenet = useApp(({ weights }) => weights.imagenet)
  if (imagenet.status === 'kept')
    return (
      <p className={classes.note}>
        {t('model.imagenet_text')} {t('model.imagenet_kept')}
      </p>
    )
  if (imagenet.status === 'loading') {
    const { received, total } = imagenet.progress
    const of = total ?? IMAGENET_BYTES
    return (
      <div className={classes.download} data-testid="imagenet-progress">
        <Progress value={(100 * received) / of} aria-label={t('model.imagenet')} />
        <div className={classes.weightsRow}>
          <span className={classes.note}>
            {t('model.downloading', { received: format.bytes(received), total: format.bytes(of) })}
          </span>
          <Button size="compact-xs" variant="default" data-testid="imagenet-cancel" onClick={cancelDownload}>
            {t('model.cancel')}
          </Button>
        </div>
      </div>
    )
  }
  return (
    <div className={classes.download}>
      {imagenet.status === 'failed' && (
        <Alert
          color="red"
          p="xs"
          title={t('model.failed')}
          data-testid="imagenet-error"
          data-code={imagenet.code}
        >
          {t(`weights_error.${imagenet.code}`)} {t('model.meanwhile')}
        </Alert>
      )}
      <p className={classes.note}>
        {t('model.imagenet_text')} {t('model.imagenet_where')}
      </p>
      <Button
        size="xs"
        variant="light"
        leftSection={<IconDownload size={15} />}
        data-testid="imagenet-download"
        onClick={() => void downloadImageNet()}
      >
        {t('model.download', { size: format.bytes(IMAGENET_BYTES) })}
      </Button>
      {imagenet.status === 'failed' && <OtherWays onFile={onFile} />}
    </div>
  )
}

/** A mirror's address, or the file itself. */
function OtherWays({ onFile }: ImageNetWeightsProps) {
  const { t } = useTranslation()
  const [mirror, setMirror] = useState('')
  return (
    <>
      <form
        className={classes.weightsRow}
        onSubmit={(event) => {
          event.preventDefault()
          if (mirror.trim()) void downloadImageNet(mirror.trim())
        }}
      >
        <TextInput
          size="xs"
          inputMode="url"
          aria-label={t('model.mirror')}
          placeholder={t('model.mirror')}
          value={mirror}
          data-testid="imagenet-mirror"
          onChange={(event) => setMirror(event.currentTarget.value)}
        />
        <Button size="xs" type="submit" variant="default" data-testid="imagenet-mirror-go">
          {t('model.mirror_go')}
        </Button>
      </form>
      <Button size="xs" variant="default" onClick={onFile}>
        {t('model.file_choose')}
      </Button>
    </>
  )
}
