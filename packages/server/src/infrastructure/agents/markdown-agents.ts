import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AgentCatalogue, AgentFault, AgentSource } from '../../application/ports/agent-source.ts'
import { packageFolder } from '../../config.ts'
import { RuntimeError } from '../../domain/errors.ts'
import { type AgentText, assembleCatalogue } from './assemble-catalogue.ts'

/** The agents that come with the server. */
const builtInAgentsFolder: string = fileURLToPath(new URL('agents/', packageFolder))

export interface MarkdownAgentsOptions {
  readonly builtInFolder?: string
  /** `CODELAB_AGENTS_DIR`: an agent with the id of a built-in one replaces it, any other is added; a `classifier.md` replaces ours. */
  readonly userFolder?: string | undefined
  /** Every tool that an agent may name, those that are never offered included. Without it names are not checked. */
  readonly knownTools?: readonly string[]
}

const mostFiles = 200
const largestFile = 64 * 1024

/** Agents as markdown files: settings in the head, the prompt below. A file whose name begins with `_` is a fragment for `include`. */
export function createMarkdownAgents(options: MarkdownAgentsOptions = {}): AgentSource {
  return {
    async load(): Promise<AgentCatalogue> {
      const faults: AgentFault[] = []
      const builtIn = await readFolder(options.builtInFolder ?? builtInAgentsFolder, faults)
      const own = options.userFolder === undefined ? [] : await readFolder(options.userFolder, faults)
      const catalogue = assembleCatalogue(builtIn, own, options.knownTools, faults)
      if (catalogue && faults.length === 0) return catalogue
      const lines = faults.map(({ file, line, text }) => `  ${file}:${line}  ${text}`)
      throw new RuntimeError('invalid_input', `The agents cannot be used:\n${lines.join('\n')}`, {
        details: { faults, hint: 'Correct these lines in the folder of CODELAB_AGENTS_DIR and start again.' },
      })
    },
  }
}

async function readFolder(folder: string, faults: AgentFault[]): Promise<AgentText[]> {
  let names: string[]
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith('.md') && !name.startsWith('.')).sort()
  } catch (cause) {
    throw new RuntimeError('invalid_input', 'The folder of agents cannot be read', {
      cause,
      details: { folder, hint: 'Set CODELAB_AGENTS_DIR to a folder of markdown files, or unset it.' },
    })
  }
  if (names.length > mostFiles) {
    faults.push({ file: names[mostFiles] ?? '', line: 1, text: `There are more than ${mostFiles} files in the folder` })
  }
  const texts: AgentText[] = []
  for (const name of names.slice(0, mostFiles)) {
    const path = join(folder, name)
    try {
      const { size } = await stat(path)
      if (size > largestFile)
        faults.push({ file: name, line: 1, text: `The file is larger than ${largestFile / 1024} KiB` })
      else texts.push({ name, text: await readFile(path, 'utf8') })
    } catch {
      faults.push({ file: name, line: 1, text: 'The file cannot be read' })
    }
  }
  return texts
}
