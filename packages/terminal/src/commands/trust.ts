import { clean } from '../screen/text.ts'
import { exitCodes } from '../server/failure.ts'
import { openStateFolder, stateFolderPath } from '../server/state-folder.ts'
import { FolderTrust } from '../trust/folder-trust.ts'
import { type CommonOptions, type Io, workingFolder } from './io.ts'

export interface TrustOptions extends CommonOptions {
  readonly yes?: boolean
  readonly revoke?: boolean
}

/** Shows what the settings in the folder would allow; `--yes` trusts them as they are now, `--revoke` takes it back. */
export async function trustFolder(io: Io, options: TrustOptions): Promise<number> {
  const folder = workingFolder(io, options.cwd)
  const trust = await FolderTrust.read(folder, openStateFolder(stateFolderPath(io.env)))
  const say = (lines: readonly string[]) => io.stdout.write(`${lines.join('\n')}\n`)
  if (!trust.settings) {
    say([`${clean(folder)} has no .codelab with rules or agents.`])
    return exitCodes.done
  }
  if (options.revoke) {
    say([trust.forget() ? 'Not trusted any more.' : 'It was not trusted.'])
    return exitCodes.done
  }
  say(trust.question())
  if (options.yes) trust.decide(true)
  say([
    '',
    trust.isTrusted ? 'Trusted. Take it back: codelab trust --revoke' : 'Not trusted. Trust it: codelab trust --yes',
  ])
  return trust.isTrusted ? exitCodes.done : exitCodes.refused
}
