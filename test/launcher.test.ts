import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { root } from './workspace-copy.ts'

let folder = ''
let cache = ''

/** A repository with the true launcher and two small packages in place of ours. */
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'codelab-launcher-')))
  cache = join(folder, 'cache')
  write('package.json', JSON.stringify({ type: 'module', version: '9.8.7' }))
  cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true })
  for (const name of ['terminal', 'server']) {
    const home = `node_modules/@codelab/${name}`
    write(`${home}/package.json`, JSON.stringify({ type: 'module', exports: { './main': './dist/main.js' } }))
    write(`${home}/dist/main.js`, packageMain(name))
  }
  // Says once that it is an older Node; the process it starts tells the truth.
  write(
    'old-node.mjs',
    `if (!process.env.SAID_OLD) {
       process.env.SAID_OLD = '1'
       Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } })
     }`,
  )
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function packageMain(name: string): string {
  return `
    export async function main(argv) {
      const [command, what] = argv
      if (what === 'much') process.stdout.write('x'.repeat(3_000_000))
      else console.log(JSON.stringify({ package: '${name}', argv }))
      if (what === 'throw') throw new Error('the disk is full')
      if (what === 'open') setInterval(() => {}, 1000)
      if (what === 'wait') {
        process.on('SIGTERM', () => { console.log('got SIGTERM'); process.exit(5) })
        setInterval(() => {}, 1000)
        console.log('waiting')
        await new Promise(() => {})
      }
      return what === undefined ? 0 : 7
    }`
}

function write(file: string, text: string): void {
  mkdirSync(join(folder, file, '..'), { recursive: true })
  writeFileSync(join(folder, file), text)
}

function carryNode(): void {
  const home = `node_modules/node-${process.platform}-${process.arch}`
  write(`${home}/package.json`, JSON.stringify({ version: process.versions.node }))
  mkdirSync(join(folder, home, 'bin'))
  symlinkSync(process.execPath, join(folder, home, 'bin', 'node'))
}

function command(args: readonly string[], old: boolean): { file: string; args: string[]; env: NodeJS.ProcessEnv } {
  const { NODE_OPTIONS: _, NODE_COMPILE_CACHE: __, ...env } = process.env
  const before = old ? ['--import', join(folder, 'old-node.mjs')] : []
  return {
    file: process.execPath,
    args: [...before, join(folder, 'bin', 'codelab.js'), ...args],
    env: { ...env, XDG_CACHE_HOME: cache },
  }
}

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function codelab(args: readonly string[], old = false): Promise<Ended> {
  const { file, args: all, env } = command(args, old)
  return new Promise((resolve) => {
    const child = execFile(file, all, { env, timeout: 30_000, maxBuffer: 8_000_000 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    )
    child.stdin?.end()
  })
}

describe('which package gets the command', () => {
  it.each([
    [[], 'terminal'],
    [['chat'], 'terminal'],
    [['sessions'], 'terminal'],
    [['--json'], 'terminal'],
    [['serve'], 'server'],
    [['doctor'], 'server'],
  ])('%j', async (argv, owner) => {
    const { code, stdout } = await codelab(argv)
    expect(JSON.parse(stdout)).toEqual({ package: owner, argv })
    expect(code).toBe(0)
  })

  it('`help COMMAND` asks the package that owns it', async () => {
    const { stdout } = await codelab(['help', 'serve'])
    expect(JSON.parse(stdout)).toEqual({ package: 'server', argv: ['serve', '--help'] })
  })

  it.each([['--help'], ['help'], ['-h']])('%s shows both families on one page', async (word) => {
    const { code, stdout } = await codelab([word])
    for (const name of ['chat', 'run', 'sessions', 'resume', 'serve', 'doctor', 'config']) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
    }
    expect(code).toBe(0)
  })

  it('--version prints the version', async () => {
    expect(await codelab(['--version'])).toEqual({ code: 0, stdout: '9.8.7\n', stderr: '' })
  })
})

describe('an unknown command', () => {
  it.each([
    ['serv', 'unknown command "serv". Did you mean serve?'],
    ['chta', 'unknown command "chta". Did you mean chat?'],
    ['explain', 'unknown command "explain". See "codelab --help".'],
  ])('%s is refused, near names are named', async (word, line) => {
    const { code, stdout, stderr } = await codelab([word, 'more'])
    expect(stderr).toContain(line)
    expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 })
  })
})

describe('the end of a command', () => {
  it('its number is the exit code', async () => {
    expect((await codelab(['run', 'x'])).code).toBe(7)
  })

  it('all it wrote arrives', async () => {
    expect((await codelab(['run', 'much'])).stdout).toHaveLength(3_000_000)
  })

  it('something left open does not hold it', async () => {
    expect((await codelab(['run', 'open'])).code).toBe(7)
  })

  it('an error is one line, not a stack', async () => {
    const { code, stderr } = await codelab(['run', 'throw'])
    expect(stderr).toBe('codelab: it failed unexpectedly: the disk is full\n')
    expect(code).toBe(70)
  })
})

describe('an installation that is not whole', () => {
  it('not built: says so', async () => {
    rmSync(join(folder, 'node_modules/@codelab/server/dist'), { recursive: true })
    const { code, stderr } = await codelab(['serve'])
    expect(stderr).toBe(`codelab: it is not built. Run "npm run build" in ${folder}.\n`)
    expect(code).toBe(1)
  })

  it('without packages: says so', async () => {
    rmSync(join(folder, 'node_modules'), { recursive: true })
    const { code, stderr } = await codelab(['serve'])
    expect(stderr).toBe(`codelab: packages are missing. Run "npm ci" in ${folder}.\n`)
    expect(code).toBe(1)
  })
})

describe('on an older Node', () => {
  it('the carried Node runs the command, and its exit code is passed on', async () => {
    carryNode()
    const { code, stdout } = await codelab(['run', 'x'], true)
    expect(JSON.parse(stdout)).toEqual({ package: 'terminal', argv: ['run', 'x'] })
    expect(code).toBe(7)
  })

  it('without a carried Node one line says what to do', async () => {
    const { code, stdout, stderr } = await codelab(['serve'], true)
    expect(stderr).toBe(
      `codelab: Node 24 is needed and this is 20.1.0. Install it, or run "npm ci" in ${folder} on Linux.\n`,
    )
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  })

  it('a carried Node that is too old as well is not used', async () => {
    carryNode()
    write(`node_modules/node-${process.platform}-${process.arch}/package.json`, JSON.stringify({ version: '22.1.0' }))
    expect((await codelab(['serve'], true)).code).toBe(1)
  })

  it('SIGTERM reaches the command, which ends as it likes', async () => {
    carryNode()
    const { child, output, ended } = await startWaiting()
    child.kill('SIGTERM')
    expect(await ended).toEqual({ code: 5, signal: null })
    expect(output()).toContain('got SIGTERM')
  })

  it('a command that a signal ended looks so from outside', async () => {
    carryNode()
    const { child, ended } = await startWaiting()
    child.kill('SIGHUP')
    expect(await ended).toEqual({ code: null, signal: 'SIGHUP' })
  })

  async function startWaiting() {
    const { file, args, env } = command(['run', 'wait'], true)
    const child: ChildProcess = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      child.on('exit', (code, signal) => resolve({ code, signal }))
    })
    let text = ''
    await new Promise<void>((resolve) => {
      child.stdout?.on('data', (data: Buffer) => {
        text += data.toString()
        if (text.includes('waiting')) resolve()
      })
    })
    return { child, ended, output: () => text }
  }
})

describe('compiled code', () => {
  it('is kept in the cache folder of the user, and nothing in the repository', async () => {
    const before = readdirSync(folder)
    await codelab(['run', 'x'])
    expect(readdirSync(join(cache, 'codelab'))).toEqual(['compiled'])
    expect(readdirSync(folder)).toEqual([...before, 'cache'].sort())
  })
})
