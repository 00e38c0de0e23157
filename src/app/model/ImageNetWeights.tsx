import { Alert, Button, Progress, TextInput } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { cancelDownload, type DownloadState, downloadImageNet, useApp } from '../../store/index.ts'
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
  if (imagenet.status === 'loading') return <Downloading progress={imagenet.progress} />
  const begun = imagenet.status === 'failed' && imagenet.received > 0 ? imagenet : null
  return (
    <div className={classes.download}>
      {imagenet.status === 'failed' && <Failed failure={imagenet} />}
      <p className={classes.note}>
        {t('model.imagenet_text')} {t('model.imagenet_where')}
      </p>
      <Button
        size="xs"
        variant="light"
        leftSection={<IconDownload size={15} />}
        data-testid="imagenet-download"
        onClick={() => void downloadImageNet(begun?.mirror)}
      >
        {begun
          ? t('model.go_on', {
              received: format.bytes(begun.received),
              size: format.bytes(IMAGENET_BYTES),
            })
          : t('model.download', { size: format.bytes(IMAGENET_BYTES) })}
      </Button>
      {imagenet.status === 'failed' && <OtherWays onFile={onFile} />}
    </div>
  )
}

function Downloading({ progress }: { progress: Extract<DownloadState, { status: 'loading' }>['progress'] }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { received, total } = progress
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

/** What happened, what is used meanwhile, what to do. Without a network it goes on by itself when that is back. */
function Failed({ failure }: { failure: Extract<DownloadState, { status: 'failed' }> }) {
  const { t } = useTranslation()
  const { code, mirror } = failure
  const offline = code === 'network' && !navigator.onLine
  useEffect(() => {
    if (!offline) return
    const goOn = () => void downloadImageNet(mirror)
    window.addEventListener('online', goOn)
    return () => window.removeEventListener('online', goOn)
  }, [offline, mirror])
  return (
    <Alert
      color="red"
      p="xs"
      role="alert"
      title={offline ? t('model.offline') : t('model.failed')}
      data-testid="imagenet-error"
      data-code={code}
    >
      {offline ? t('model.offline_text') : `${t(`weights_error.${code}`)} ${t(`weights_remedy.${code}`)}`}{' '}
      {t('model.meanwhile')}
    </Alert>
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
