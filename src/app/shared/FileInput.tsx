import type { RefObject } from 'react'

/** What the weight readers open; transformers' `pytorch_model.bin` is what torch.save writes. */
export const WEIGHT_FILES = '.safetensors,.pth,.pt,.bin'

interface FileInputProps {
  /** A button opens it with `ref.current?.click()`. */
  ref: RefObject<HTMLInputElement | null>
  /** What it asks for, for who cannot see the button. */
  label: string
  accept: string
  testId?: string
  onFile(file: File): void
}

/** A hidden picker for one file. Emptied after each choice, so that the same file can be chosen again. */
export function FileInput({ ref, label, accept, testId, onFile }: FileInputProps) {
  return (
    <input
      ref={ref}
      type="file"
      accept={accept}
      hidden
      aria-label={label}
      data-testid={testId}
      onChange={(event) => {
        const file = event.currentTarget.files?.[0]
        if (file) onFile(file)
        event.currentTarget.value = ''
      }}
    />
  )
}
