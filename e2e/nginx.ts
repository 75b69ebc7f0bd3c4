import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from '../test/workspace-copy.ts'
import { untilGone } from './processes.ts'

const startLimitMs = 10_000

/** A real nginx with the shipped configuration. Only addresses and folders are others: its servers are those that are given. */
export class Nginx implements AsyncDisposable {
  readonly #folder = mkdtempDisposableSync(join(tmpdir(), 'codelab-nginx-'))
  #child: ChildProcess | undefined
  #output = ''
  url = ''

  static async start(ports: readonly number[]): Promise<Nginx> {
    const nginx = new Nginx()
    try {
      await nginx.#start(ports)
    } catch (error) {
      await nginx[Symbol.asyncDispose]()
      throw error
    }
    return nginx
  }

  async #start(ports: readonly number[]): Promise<void> {
    const { path } = this.#folder
    const port = await freePort()
    const shipped = (name: string) => readFileSync(join(root, 'deploy/nginx', name), 'utf8')
    const servers = [...ports]
    mkdirSync(join(path, 'conf.d'))
    writeFileSync(join(path, 'nginx.conf'), shipped('nginx.conf').replaceAll('/tmp/', `${path}/`))
    writeFileSync(
      join(path, 'conf.d/codelab.conf'),
      shipped('codelab.conf')
        .replace('listen 8080', `listen 127.0.0.1:${port}`)
        .replace(/^ {2}server \d.*\n/gm, (line) => {
          const server = servers.shift()
          return server === undefined ? '' : line.replace(/[\d.]+:8001/, `127.0.0.1:${server}`)
        }),
    )
    // As root its workers would be another user, whom the folder is closed to.
    const user = process.getuid?.() === 0 ? 'user root; ' : ''
    const child = spawn('nginx', ['-c', join(path, 'nginx.conf'), '-g', `${user}daemon off;`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-5_000)
      })
    }
    this.url = `http://127.0.0.1:${port}`
    await this.#listens()
  }

  async #listens(): Promise<void> {
    const limit = Date.now() + startLimitMs
    for (;;) {
      if (await accepts(Number(new URL(this.url).port))) return
      if (this.#child?.exitCode !== null || Date.now() > limit) throw new Error(`nginx does not start: ${this.#output}`)
      await sleep(20)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid } = this.#child ?? {}
    if (pid !== undefined && this.#child?.exitCode === null) {
      this.#child.kill('SIGTERM')
      await untilGone(pid)
    }
    this.#folder.remove()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Without a request, so that no server sees one. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
