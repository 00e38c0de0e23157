import { Alert, Select } from '@mantine/core'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { chooseWeights, giveWeightFile, isActive, useApp } from '../../store/index.ts'
import { FileInput, WEIGHT_FILES } from '../shared/FileInput.tsx'
import { useFormat } from '../shared/format.ts'
import { InfoTip } from '../shared/InfoTip.tsx'
import { ImageNetWeights } from './ImageNetWeights.tsx'
import classes from './ModelPanel.module.css'

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
      <FileInput
        ref={input}
        label={t('model.file_choose')}
        accept={WEIGHT_FILES}
        testId="weights-input"
        onFile={(file) => void giveWeightFile(file)}
      />
      {showImageNet && <ImageNetWeights onFile={() => input.current?.click()} />}
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
