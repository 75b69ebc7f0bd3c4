import type { ConfigSources } from '../config.ts'
import type { CommandOutput } from './config.ts'
import { reach, withConfig } from './reach.ts'

/** `codelab pause` and `codelab pause --off`. Stored: it holds across restarts, and may be set before a start. Gives the exit code. */
export async function runPause(sources: ConfigSources, off: boolean, output: CommandOutput): Promise<number> {
  return await withConfig(sources, output, async (config) => {
    await using connection = await reach(config)
    const state = await connection.setPaused(!off)
    if (output.json) output.write(`${JSON.stringify(state)}\n`)
    else if (!state.paused) output.write('New turns are taken again.\n')
    else {
      const running = state.running ? ' What runs ends after its step.' : ''
      output.write(`Paused: no new turns.${running} Go on with: codelab pause --off\n`)
    }
    return 0
  })
}
