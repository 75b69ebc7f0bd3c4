import { Workspace, workspaceLimits } from './workspace.ts'

/** Neither is ever what somebody wants to show, and either may hold a hundred thousand files. */
const closedFolders = /(^|\/)(node_modules|\.git|dist|build|target|\.venv)\//
/** What a folder holds that must not be shown to a model unasked. */
const secrets = /(^|\/)(\.env(\..*)?|id_(rsa|dsa|ecdsa|ed25519)[^/]*|[^/]*\.(pem|key))$/i
const longestFile = 512 * 1024

/** A folder that the person chose, as far as it is text and fits; `left` counts what does not. */
export async function readFolder(
  files: Iterable<File>,
): Promise<{ readonly workspace: Workspace; readonly left: number } | undefined> {
  const texts = new Map<string, string>()
  let name = ''
  let left = 0
  let size = 0
  for (const file of files) {
    const [folder = '', ...rest] = file.webkitRelativePath.split('/')
    const path = rest.join('/').normalize('NFC')
    name = folder
    if (path === '' || closedFolders.test(path)) continue
    const isOpen = !secrets.test(path) && file.size <= longestFile
    const hasRoom = texts.size < workspaceLimits.files && size + file.size <= workspaceLimits.bytes
    const text = isOpen && hasRoom ? await textOf(file) : undefined
    if (text === undefined) left++
    else {
      texts.set(path, text)
      size += text.length
    }
  }
  return texts.size === 0 ? undefined : { workspace: new Workspace(name, texts), left }
}

async function textOf(file: File): Promise<string | undefined> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer())
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

/** Hands the files to the browser as one archive. */
export async function downloadZip(workspace: Workspace): Promise<void> {
  const { strToU8, zipSync } = await import('fflate')
  const files = [...workspace.files].map(([path, text]) => [`${workspace.name}/${path}`, strToU8(text)] as const)
  const url = URL.createObjectURL(new Blob([zipSync(Object.fromEntries(files))], { type: 'application/zip' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${workspace.name}.zip`
  link.click()
  // The browser reads it a moment later.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
