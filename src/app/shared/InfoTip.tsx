import { ActionIcon, Popover } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

/** A sentence that explains what stands beside it, on click or key. */
export function InfoTip({ text }: { text: string }) {
  const { t } = useTranslation()
  return (
    <Popover width={280} withArrow shadow="md" position="bottom">
      <Popover.Target>
        <ActionIcon variant="transparent" color="gray" size="xs" aria-label={t('app.explain')}>
          <IconInfoCircle size={14} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown fz="sm">{text}</Popover.Dropdown>
    </Popover>
  )
}
