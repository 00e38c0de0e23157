import { Button } from '@mantine/core'
import { IconDownload, IconLink, IconUpload } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { importRecipe, isActive, recipeLink, useApp } from '../../store/index.ts'
import { saveFile } from '../shared/download.ts'
import { FileInput } from '../shared/FileInput.tsx'
import { InfoTip } from '../shared/InfoTip.tsx'
import { ArrivalNotice } from './ArrivalNotice.tsx'
import classes from './Recipe.module.css'

/** The recipe as a file and as a link: out, and in. */
export function RecipeFiles() {
  const { t } = useTranslation()
  const recipe = useApp((state) => state.recipe)
  const active = useApp(({ run }) => isActive(run.status))
  const input = useRef<HTMLInputElement>(null)
  const [link, setLink] = useState<{ address: string; copied: boolean } | null>(null)

  const copyLink = async () => {
    const address = new URL(await recipeLink(recipe), location.href).href
    const copied = await navigator.clipboard?.writeText(address).then(
      () => true,
      () => false,
    )
    setLink({ address, copied: copied ?? false })
  }
  return (
    <div className={classes.files}>
      <div className={classes.fileButtons}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconLink size={14} />}
          data-testid="copy-link"
          onClick={() => void copyLink()}
        >
          {t('recipe.copy_link')}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} />}
          data-testid="export-recipe"
          onClick={() =>
            saveFile(
              'recipe.json',
              new Blob([`${JSON.stringify(recipe, null, 2)}\n`], { type: 'application/json' }),
            )
          }
        >
          {t('recipe.export')}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconUpload size={14} />}
          disabled={active}
          data-testid="import-recipe"
          onClick={() => input.current?.click()}
        >
          {t('recipe.import')}
        </Button>
        <InfoTip text={t('recipe.link_hint')} />
      </div>
      <FileInput
        ref={input}
        label={t('recipe.import')}
        accept=".json,application/json"
        testId="recipe-input"
        onFile={(file) => void importRecipe(file)}
      />
      <p className={classes.hint} role="status" data-testid="link-note">
        {link && (link.copied ? t('recipe.link_copied') : t('recipe.link_by_hand'))}
      </p>
      {link && !link.copied && <code className={classes.address}>{link.address}</code>}
      <ArrivalNotice from="file" />
    </div>
  )
}
