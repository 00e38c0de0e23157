/** One set of tokens for light and dark; the rest stands in `tokens.css`. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'

const iris: MantineColorsTuple = [
  '#eef0fd',
  '#dde1fa',
  '#bcc4f4',
  '#98a3ee',
  '#7a88e8',
  '#6072e0',
  '#4a5bd4',
  '#3b4abb',
  '#333fa0',
  '#2b3583',
]

/** Mantine's dark greys, a little towards blue like the tokens. */
const dark: MantineColorsTuple = [
  '#e6e9ee',
  '#c3cad4',
  '#a3adba',
  '#7d8794',
  '#3a434f',
  '#2a313b',
  '#20262e',
  '#171b21',
  '#12161b',
  '#0f1216',
]

export const theme = createTheme({
  primaryColor: 'iris',
  colors: { iris, dark },
  primaryShade: 6,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily:
    'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", sans-serif',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  headings: { fontWeight: '650' },
})

/** Mantine's own greys are too faint for small text (WCAG AA asks for 4.5 : 1). */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5b6573',
    '--mantine-color-placeholder': '#667080',
    '--mantine-color-text': '#1b2330',
    '--mantine-color-error': 'var(--wrong)',
  },
  dark: {
    '--mantine-color-dimmed': '#a3adba',
    '--mantine-color-placeholder': '#98a2b0',
    '--mantine-color-text': '#e6e9ee',
    '--mantine-color-error': 'var(--wrong)',
  },
})
