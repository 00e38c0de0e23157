import { useTranslation } from 'react-i18next'
import { kernelWords } from './kernel-words.ts'

/** Terms and descriptions of a `dl`: what the words in these kernels' names mean. */
export function KernelWords({ names }: { names: readonly string[] }) {
  const { t } = useTranslation()
  return kernelWords(names).map((word) => (
    <div key={word}>
      <dt>
        <code>{word}</code>
      </dt>
      <dd>{t(`about.kernels.family.${word}`)}</dd>
    </div>
  ))
}
