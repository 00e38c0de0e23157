import { Alert, Button, Stack } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

/** Where drawing itself failed: says what is kept and what to do. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override render() {
    return this.state.error ? <Broken detail={this.state.error.message} /> : this.props.children
  }
}

function Broken({ detail }: { detail: string }) {
  const { t } = useTranslation()
  return (
    <Alert color="red" title={t('error.page')} m="xl" maw={560}>
      <Stack align="start" gap="sm">
        <div>{t('error.page_remedy')}</div>
        <code>{detail}</code>
        <Button onClick={() => window.location.reload()}>{t('error.reload')}</Button>
      </Stack>
    </Alert>
  )
}
