import type { ReactNode } from 'react'
import { useWords } from '../i18n/language.ts'
import { useAgentName } from '../kit/agent.tsx'
import { callSubject } from './call-subject.ts'
import { words } from './words.ts'

/** Verb and object of a call, from its arguments and not from what the model says of it. */
export function useTitle(call: {
  readonly tool: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly requestType?: string
}): { readonly text: string; readonly shown: ReactNode } {
  const t = useWords(words)
  const agentName = useAgentName()
  const subject = callSubject(call.tool, call.arguments)
  const verbs: Readonly<Record<string, string>> = {
    write_file: t.write,
    edit_file: t.edit,
    delete_file: t.remove,
    move_file: t.move,
    create_directory: t.folder,
  }
  if (call.requestType === 'plan') return plain(`${t.plan}: ${subject}`)
  if (call.tool === 'execute_command') return plain(t.command)
  if (call.tool === 'switch_mode') return plain(`${t.handoff}: ${agentName(subject)}`)
  const verb = verbs[call.tool]
  const object = verb === undefined ? call.tool : subject
  return {
    text: `${verb ?? t.run} ${object}`,
    shown: (
      <>
        {verb ?? t.run} <code>{object}</code>
      </>
    ),
  }
}

function plain(text: string) {
  return { text, shown: text }
}
