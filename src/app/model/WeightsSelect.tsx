import { Alert, Button, Select } from '@mantine/core'
import { IconDownload, IconFile } from '@tabler/icons-react'
import { useRef, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import {
  chooseBuiltin,
  chooseWeights,
  dismissFileError,
  downloadImageNet,
  giveWeightFile,
  isActive,
  useApp,
} from '../../store/index.ts'
import { FileInput, WEIGHT_FILES } from '../shared/FileInput.tsx'
import { useFormat } from '../shared/format.ts'
import { InfoTip } from '../shared/InfoTip.tsx'
import { IMAGENET_BYTES, ImageNetWeights } from './ImageNetWeights.tsx'
import classes from './ModelPanel.module.css'

/** What training starts from: source, size, licence, how good it is. */
export function WeightsSelect() {
  const { t } = useTranslation()
  const kind = useApp(({ recipe }) => recipe.weights.kind)
  const weights = useApp((state) => state.weights)
  const active = useApp(({ run }) => isActive(run.status))
  const input = useRef<HTMLInputElement>(null)
  const [wanted, setWanted] = useState(false)
  const { status } = weights.imagenet
  const showImageNet =
    kind === 'imagenet' || (wanted && status !== 'kept') || status === 'loading' || status === 'failed'
  const shown = showImageNet ? 'imagenet' : kind

  return (
    <div className={classes.weights}>
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
          if (value === 'builtin') chooseBuiltin()
          if (value === 'imagenet' && status === 'kept') chooseWeights({ kind: 'imagenet' })
          if (value === 'file') input.current?.click()
        }}
      />
      <FileInput
        ref={input}
        label={t('model.file_choose')}
        accept={WEIGHT_FILES}
        testId="weights-input"
        onFile={(file) => {
          setWanted(false)
          void giveWeightFile(file)
        }}
      />
      {shown === 'builtin' && <BuiltinNote />}
      {shown === 'builtin' && !active && status === 'absent' && <ImageNetOffer />}
      {showImageNet && <ImageNetWeights onFile={() => input.current?.click()} />}
      {shown === 'file' && <FileNote onFile={() => input.current?.click()} />}
      {weights.fileError && (
        <Alert
          color="red"
          p="xs"
          role="alert"
          title={t(`weights_error.${weights.fileError.code}`)}
          withCloseButton
          closeButtonLabel={t('model.dismiss')}
          onClose={dismissFileError}
          data-testid="weights-file-error"
          data-code={weights.fileError.code}
        >
          {t(`weights_remedy.${weights.fileError.code}`)} {t('model.file_kept')}{' '}
          <code className={classes.code}>{weights.fileError.detail}</code>
        </Alert>
      )}
    </div>
  )
}

/** Size, licence and how good, in one line. */
function BuiltinNote() {
  const { t } = useTranslation()
  const format = useFormat()
  const builtin = useApp(({ weights }) => weights.listed.find((listed) => listed.kind === 'builtin'))
  if (!builtin) return null
  return (
    <div className={classes.weightsRow}>
      <p className={classes.note} data-testid="weights-note">
        {t('model.builtin_short', {
          bytes: format.bytes(builtin.bytes),
          license: builtin.license,
          accuracy: format.percent(builtin.accuracy.top1),
          dataset: builtin.accuracy.dataset.split(' ')[0],
        })}
      </p>
      <InfoTip
        text={t('model.builtin_text', {
          size: builtin.accuracy.size,
          accuracy: format.percent(builtin.accuracy.top1),
          dataset: builtin.accuracy.dataset,
        })}
      />
    </div>
  )
}

const followNetwork = (changed: () => void) => {
  window.addEventListener('online', changed)
  window.addEventListener('offline', changed)
  return () => {
    window.removeEventListener('online', changed)
    window.removeEventListener('offline', changed)
  }
}

/** A better start, one click away, where there is a network. */
function ImageNetOffer() {
  const { t } = useTranslation()
  const format = useFormat()
  const online = useSyncExternalStore(followNetwork, () => navigator.onLine)
  if (!online) return null
  return (
    <div className={classes.weightsRow}>
      <Button
        size="compact-xs"
        variant="light"
        leftSection={<IconDownload size={13} />}
        data-testid="imagenet-offer"
        onClick={() => void downloadImageNet()}
      >
        {t('model.imagenet_offer', { size: format.bytes(IMAGENET_BYTES) })}
      </Button>
      <InfoTip text={`${t('model.builtin_better')} ${t('model.imagenet_where')}`} />
    </div>
  )
}

/** Whether the file's last layer fits; or which file the recipe asks for. */
function FileNote({ onFile }: { onFile(): void }) {
  const { t } = useTranslation()
  const file = useApp(({ weights }) => weights.file)
  const wanted = useApp(({ recipe }) => (recipe.weights.kind === 'file' ? recipe.weights.name : ''))
  const dataset = useApp(({ data }) => data.dataset)
  if (!file)
    return (
      <>
        <p className={classes.note}>{t('model.file_wanted', { name: wanted })}</p>
        <Button size="compact-xs" variant="light" leftSection={<IconFile size={13} />} onClick={onFile}>
          {t('model.file_choose')}
        </Button>
      </>
    )
  const names = dataset?.classes.map(({ name }) => name)
  const fits =
    names?.length === file.classes &&
    (!file.classNames || file.classNames.every((name, i) => name === names[i]))
  return (
    <p className={classes.note} data-testid="weights-file">
      {t('model.file_text', { name: file.name, classes: file.classes })}{' '}
      {fits ? t('model.file_fits') : t('model.file_new')}
    </p>
  )
}
