import type { BackgroundCommands } from './background-commands.ts'
import { backgroundOutcome } from './command-text.ts'
import type { ExecutorLimits } from './limits.ts'
import type { Tool } from './tool.ts'
import { flag, optionalCount, requiredText } from './tool-arguments.ts'

/** Looks at a command in the background, or ends it. */
export function createCommandOutput(background: BackgroundCommands, limits: ExecutorLimits): Tool {
  return {
    name: 'command_output',
    hasEffects: false,
    async run(values, { signal, callId = '' }) {
      const id = requiredText(values, 'id')
      const seconds = Math.min(optionalCount(values, 'wait') ?? 0, limits.commandSeconds)
      const isStop = flag(values, 'stop', false)
      const state = isStop ? await background.stop(id) : await background.look(id, seconds * 1000, signal)
      return backgroundOutcome(state, limits, callId)
    },
    async preview(values) {
      return { kind: 'read', path: requiredText(values, 'id') }
    },
  }
}
