import { useState } from 'react'
import { useWords } from '../../i18n/language.ts'
import { Segments } from '../../kit/button.tsx'
import { Snippet } from '../../kit/copy-button.tsx'
import { words } from './words.ts'

type Provider = 'openai' | 'anthropic' | 'ollama' | 'proxy'

const lines: Readonly<Record<Provider, string>> = {
  openai:
    'OPENAI_BASE_URL=https://api.openai.com/v1\nOPENAI_API_KEY_FILE=/run/secrets/openai\nCODELAB_MODEL=openai:gpt-5-mini',
  anthropic: 'ANTHROPIC_API_KEY_FILE=/run/secrets/anthropic\nCODELAB_MODEL=anthropic:claude-sonnet-4-5',
  ollama: 'OPENAI_BASE_URL=http://127.0.0.1:11434/v1\nOPENAI_API_KEY=ollama\nCODELAB_MODEL=openai:qwen3-coder',
  proxy: 'CODELAB_LLM_PROXY_URL=http://127.0.0.1:8002\nCODELAB_MODEL=proxy:fake-llm',
}

/** What to set for each kind of provider, as lines to copy. */
export function ProviderLines() {
  const t = useWords(words)
  const [provider, choose] = useState<Provider>('openai')
  const notes = { openai: t.noteOpenai, anthropic: t.noteAnthropic, ollama: t.noteOllama, proxy: t.noteProxy }
  return (
    <div className="r">
      <Segments
        label={t.provider}
        value={provider}
        options={[
          ['openai', t.openai],
          ['anthropic', t.anthropic],
          ['ollama', t.ollama],
          ['proxy', t.proxy],
        ]}
        onChoose={choose}
      />
      <Snippet label={`${t.lines}: ${t.provider}`} text={lines[provider]} />
      <p className="note">{notes[provider]}</p>
      <p className="note">{t.doctor}</p>
      <Snippet label={`${t.lines}: doctor`} text="codelab doctor --model" />
    </div>
  )
}
