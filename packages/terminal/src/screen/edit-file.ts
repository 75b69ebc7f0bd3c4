import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** The person's editor; undefined when none is set. */
export function findEditor(env: Environment): string | undefined {
  return env['VISUAL']?.trim() || env['EDITOR']?.trim() || undefined
}

/** Lets a person change a text in an editor. The file lies in `folder`, for this user only, and is gone afterwards.
 *  Undefined when the editor ended with an error or could not be started. */
export async function editInEditor(
  editor: string,
  text: string,
  options: { folder: string; path: string },
): Promise<string | undefined> {
  const extension = /^\.[A-Za-z0-9]{1,12}$/.exec(extname(options.path))?.[0] ?? '.txt'
  const file = join(options.folder, `edit-${randomBytes(6).toString('hex')}${extension}`)
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 })
    const [program = '', ...args] = editor.split(/\s+/)
    const code = await new Promise<number | null>((resolve) => {
      const child = spawn(program, [...args, file], { stdio: 'inherit' })
      child.once('error', () => resolve(null))
      child.once('exit', resolve)
    })
    return code === 0 ? await readFile(file, 'utf8') : undefined
  } finally {
    await rm(file, { force: true })
  }
}
