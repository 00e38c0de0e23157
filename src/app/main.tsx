/** The page's entry. */
import './mantine.css'
import './tokens.css'
import { createRoot } from 'react-dom/client'
import { provideServices } from '../store/index.ts'
import { realServices } from '../store/real-services.ts'
import { startPage } from './start-page.tsx'

provideServices(realServices())
await startPage(createRoot(document.getElementById('root')!))
