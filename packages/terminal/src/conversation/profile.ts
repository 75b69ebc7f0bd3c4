import type { ClientFeature, ClientProfile } from '@codelab/protocol'

const features: readonly ClientFeature[] = ['deltas', 'usage', 'parallel-tools', 'cancel', 'queue']

/** What this client says of itself with every request. */
export function clientProfile(id: string, version: string, tools: readonly string[]): ClientProfile {
  return {
    id,
    name: 'codelab-terminal',
    version,
    features: [...features],
    tools: [...tools],
    limits: {
      max_read_bytes: 10_485_760,
      max_write_bytes: 5_242_880,
      command_timeout_s: 60,
      command_timeout_max_s: 600,
    },
  }
}
