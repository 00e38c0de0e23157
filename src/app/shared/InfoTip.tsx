import { ActionIcon, Popover } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

interface InfoTipProps {
  text: string
  label?: string
  icon?: ReactNode
}

/** A sentence that explains what stands beside it, on click or key. */
export function InfoTip({ text, label, icon }: InfoTipProps) {
  const { t } = useTranslation()
  return (
    <Popover width={280} withArrow shadow="md" position="bottom">
      <Popover.Target>
        <ActionIcon variant="transparent" color="gray" size="xs" aria-label={label ?? t('app.explain')}>
          {icon ?? <IconInfoCircle size={14} />}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown fz="sm">{text}</Popover.Dropdown>
    </Popover>
  )
}
