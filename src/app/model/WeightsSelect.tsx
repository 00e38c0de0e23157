import { Alert, Button, Progress, Select, TextInput } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  cancelDownload,
  chooseWeights,
  downloadImageNet,
  giveWeightFile,
  isActive,
  useApp,
} from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { InfoTip } from '../shared/InfoTip.tsx'
import classes from './ModelPanel.module.css'

/** Bytes of torchvision's ImageNet weights as the hub has them. */
const IMAGENET_BYTES = 46_831_680

/** What training starts from: source, size, licence, how good it is. */
export function WeightsSelect() {
  const { t } = useTranslation()
  const format = useFormat()
  const kind = useApp(({ recipe }) => recipe.weights.kind)
  const weights = useApp((state) => state.weights)
  const active = useApp(({ run }) => isActive(run.status))
  const input = useRef<HTMLInputElement>(null)
  const [wanted, setWanted] = useState(false)
  const builtin = weights.listed.find((listed) => listed.kind === 'builtin')
  const showImageNet = kind === 'imagenet' || (wanted && weights.imagenet.status !== 'kept')
  const shown = showImageNet ? 'imagenet' : kind

  return (
    <div className={classes.weights}>
      <div className={classes.weightsRow}>
        <Select
          size="xs"
          aria-label={t('model.weights')}
          allowDeselect={false}
          disabled={active}
          value={shown}
          leftSection={<span className={classes.from}>{t('model.weights')}</span>}
          leftSectionWidth={88}
          data-testid="weights-source"
          data={[
            { value: 'builtin', label: t('model.builtin') },
            { value: 'imagenet', label: t('model.imagenet') },
            { value: 'file', label: kind === 'file' && weights.file ? weights.file.name : t('model.file') },
          ]}
          onChange={(value) => {
            setWanted(value === 'imagenet')
            if (value === 'builtin') chooseWeights({ kind: 'builtin' })
            if (value === 'imagenet' && weights.imagenet.status === 'kept')
              chooseWeights({ kind: 'imagenet' })
            if (value === 'file') input.current?.click()
          }}
        />
        {shown === 'builtin' && builtin && (
          <InfoTip
            text={`${t('model.builtin_text', {
              size: builtin.accuracy.size,
              accuracy: format.percent(builtin.accuracy.top1),
              dataset: builtin.accuracy.dataset,
            })} ${t('model.license', { license: builtin.license })}, ${format.bytes(builtin.bytes)}. ${t('model.builtin_better')}`}
          />
        )}
      </div>
      <input
        ref={input}
        type="file"
        accept=".safetensors,.pth,.pt"
        hidden
        aria-label={t('model.file_choose')}
        data-testid="weights-input"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0]
          if (file) void giveWeightFile(file)
          event.currentTarget.value = ''
        }}
      />
      {showImageNet && <ImageNet />}
      {kind === 'file' && !showImageNet && <FileNote />}
      {weights.fileError && (
        <Alert
          color="red"
          p="xs"
          title={t(`weights_error.${weights.fileError.code}`)}
          data-testid="weights-file-error"
        >
          <code className={classes.code}>{weights.fileError.detail}</code>
        </Alert>
      )}
    </div>
  )
}

function FileNote() {
  const { t } = useTranslation()
  const file = useApp(({ weights }) => weights.file)
  const dataset = useApp(({ data }) => data.dataset)
  if (!file) return null
  const names = dataset?.classes.map(({ name }) => name)
  const fits =
    names?.length === file.classes &&
    (!file.classNames || file.classNames.every((name, i) => name === names[i]))
  return (
    <p className={classes.note}>
      {t('model.file_text', { name: file.name, classes: file.classes })}{' '}
      {fits ? t('model.file_fits') : t('model.file_new')}
    </p>
  )
}

/** Fetched only where the person asks; what can go wrong has a way out. */
function ImageNet() {
  const { t } = useTranslation()
  const format = useFormat()
  const imagenet = useApp(({ weights }) => weights.imagenet)
  const [mirror, setMirror] = useState('')
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
      <div className={classes.download} role="status" data-testid="imagenet-progress">
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
      {imagenet.status === 'failed' && (
        <form
          className={classes.weightsRow}
          onSubmit={(event) => {
            event.preventDefault()
            if (mirror.trim()) void downloadImageNet(mirror.trim())
          }}
        >
          <TextInput
            size="xs"
            type="url"
            aria-label={t('model.mirror')}
            placeholder={t('model.mirror')}
            value={mirror}
            data-testid="imagenet-mirror"
            onChange={(event) => setMirror(event.currentTarget.value)}
          />
          <Button size="xs" type="submit" variant="default">
            {t('model.mirror_go')}
          </Button>
        </form>
      )}
    </div>
  )
}
