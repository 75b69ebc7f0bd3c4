import './styles/tokens.css'
import './styles/base.css'
import './styles/kit.css'
import './styles/shell.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { currentLanguage } from './i18n/language.ts'

document.documentElement.lang = currentLanguage()
const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
