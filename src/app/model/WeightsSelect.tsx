import { Alert, Button, Select } from '@mantine/core'
import { IconFile } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isFormerBuiltin } from '../../recipe/index.ts'
import {
  areHere,
  chooseBuiltin,
  chooseWeights,
  dismissFileError,
  giveWeightFile,
  isActive,
  useApp,
} from '../../store/index.ts'
import { FileInput, WEIGHT_FILES } from '../shared/FileInput.tsx'
import { useFormat } from '../shared/format.ts'
import { InfoTip } from '../shared/InfoTip.tsx'
import { ImageNetWeights } from './ImageNetWeights.tsx'
import classes from './ModelPanel.module.css'

/** What training starts from: source, size, licence, origin. */
export function WeightsSelect() {
  const { t } = useTranslation()
  const source = useApp(({ recipe }) => recipe.weights)
  const weights = useApp((state) => state.weights)
  const active = useApp(({ run }) => isActive(run.status))
  const input = useRef<HTMLInputElement>(null)
  const [wanted, setWanted] = useState(false)
  const { kind } = source
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
          {
            value: 'file',
            label: kind === 'file' && areHere(source, weights) ? source.name : t('model.file'),
          },
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

/** Size and licence in one line; what and whose they are on demand. */
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
        })}
      </p>
      <InfoTip text={t('model.builtin_text', { size: builtin.size })} />
    </div>
  )
}

/** Whether the file's last layer fits; or which file the recipe asks for. */
function FileNote({ onFile }: { onFile(): void }) {
  const { t } = useTranslation()
  const source = useApp(({ recipe }) => recipe.weights)
  const file = useApp(({ weights }) => (areHere(source, weights) ? weights.file : null))
  const dataset = useApp(({ data }) => data.dataset)
  if (!file) {
    const name = source.kind === 'file' ? source.name : ''
    return (
      <>
        <p className={classes.note} data-testid="weights-wanted">
          {t(isFormerBuiltin(source) ? 'model.former_wanted' : 'model.file_wanted', { name })}
        </p>
        <Button size="compact-xs" variant="light" leftSection={<IconFile size={13} />} onClick={onFile}>
          {t('model.file_choose')}
        </Button>
      </>
    )
  }
  if (file.classes === null)
    return (
      <p className={classes.note} data-testid="weights-file">
        {t('model.file_headless', { name: file.name })}
      </p>
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
