#!/usr/bin/env node
// The launcher. It finds a Node that is new enough, then hands the command to the package that owns it.
// Plain JavaScript without newer syntax than Node 14 reads: an old Node must get a clear line, not a syntax error.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import nodeModule from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { debuglog } from 'node:util'

const NODE_MAJOR = 24
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const debug = debuglog('codelab')

const TERMINAL = '@codelab/terminal/main'
const SERVER = '@codelab/server/main'

/** What exists today, in the order of the help page. */
const COMMANDS = [
  { name: 'chat', owner: TERMINAL, says: 'chat in the current folder (the same as no command)' },
  { name: 'run', owner: TERMINAL, says: 'one request, then exit: codelab run "explain src/app.ts"' },
  { name: 'sessions', owner: TERMINAL, says: 'list the sessions' },
  { name: 'resume', owner: TERMINAL, says: 'go on with a session' },
  { name: 'rules', owner: TERMINAL, says: 'what may run without a question: list, revoke, explain, try' },
  { name: 'trust', owner: TERMINAL, says: 'what the .codelab of this folder would allow, and whether it counts' },
  { name: 'demo', owner: TERMINAL, says: 'a minute in a temporary folder, with a server that is killed meanwhile' },
  { name: 'serve', owner: SERVER, says: 'start the server' },
  { name: 'doctor', owner: SERVER, says: 'say what is wrong with this installation, and what to do' },
  { name: 'config', owner: SERVER, says: 'print each setting and where it comes from' },
  { name: 'show', owner: SERVER, says: 'what happened in a session' },
  { name: 'cleanup', owner: SERVER, says: 'delete sessions without activity' },
  { name: 'pause', owner: SERVER, says: 'take no new turns' },
  { name: 'backup', owner: SERVER, says: 'copy the database' },
  { name: 'restore', owner: SERVER, says: 'put a backup in its place' },
  { name: 'usage', owner: SERVER, says: 'tokens and cost by day, user and model' },
  { name: 'import-python', owner: SERVER, says: 'take over the sessions of the Python service' },
  { name: 'keys', owner: SERVER, says: 'personal keys: create, list, revoke' },
  { name: 'deadletters', owner: SERVER, says: 'events that a handler could not take' },
  { name: 'debug-bundle', owner: SERVER, says: 'one file for a report' },
]

function major(version) {
  return Number.parseInt(String(version), 10)
}

function packageVersion(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
  } catch {
    return undefined
  }
}

/** The Node that `npm ci` brought, or undefined. Its version is read from its package, so no process is started to ask. */
function carriedNode() {
  const platform = `${process.platform}-${process.arch}`
  for (const name of [`node-${platform}`, `node-bin-${platform}`, 'node']) {
    const folder = join(root, 'node_modules', name)
    const file = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    if (major(packageVersion(folder)) >= NODE_MAJOR && existsSync(file)) return file
  }
  return undefined
}

function say(line) {
  process.stderr.write(`codelab: ${line}\n`)
}

function sayNodeTooOld() {
  say(
    `Node ${NODE_MAJOR} is needed and this is ${process.versions.node}. Install it, or run "npm ci" in ${root} on Linux.`,
  )
}

/** Runs this command again with `node`; ends as it ended. */
function runWith(node) {
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' })
  // A terminal sends Ctrl-C to the whole group: forwarding it as well would make it two, and two mean "at once".
  const onTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY)
  const forward = (signal) => {
    if (signal !== 'SIGINT' || !onTerminal) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, forward)
  child.on('error', (error) => {
    debug('%s', error.stack)
    sayNodeTooOld()
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    for (const name of signals) process.removeListener(name, forward)
    if (signal) process.kill(process.pid, signal)
    else process.exitCode = code
  })
}

function helpPage() {
  const column = Math.max(...COMMANDS.map(({ name }) => name.length)) + 2
  const family = (owner) =>
    COMMANDS.filter((command) => command.owner === owner).map(({ name, says }) => `  ${name.padEnd(column)}${says}`)
  return [
    'Usage: codelab [command] [options]',
    '',
    'Talk to the agents',
    ...family(TERMINAL),
    '',
    'Operate the server',
    ...family(SERVER),
    '',
    'Options',
    `  ${'--help'.padEnd(column)}this page; "codelab COMMAND --help" for one command`,
    `  ${'--version'.padEnd(column)}print the version`,
    '',
  ].join('\n')
}

/** Edits that turn `a` into `b`: insert, delete, replace. */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]
}

function refuseCommand(word) {
  const shown = word.slice(0, 40)
  const near = COMMANDS.map(({ name }) => name).filter(
    (name) => distance(shown, name) <= 2 || (shown.length > 1 && name.startsWith(shown)),
  )
  say(
    `unknown command "${shown}". ${near.length > 0 ? `Did you mean ${near.join(' or ')}? ` : ''}See "codelab --help".`,
  )
  return 2
}

/** Compiled code is kept in the user's cache folder; it makes the next start faster and is never needed. */
function enableCompileCache() {
  if (!nodeModule.enableCompileCache) return
  try {
    const home =
      process.platform === 'darwin'
        ? join(homedir(), 'Library', 'Caches')
        : process.env.XDG_CACHE_HOME || process.env.LOCALAPPDATA || join(homedir(), '.cache')
    nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE || join(home, 'codelab', 'compiled'))
  } catch (error) {
    debug('no compile cache: %s', error.message)
  }
}

async function runCommand(owner, argv) {
  let main
  try {
    main = (await import(owner)).main
  } catch (error) {
    debug('%s', error.stack)
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    const built = !/[\\/](packages|@codelab)[\\/]\w+[\\/]dist[\\/]/.test(`${error.url} ${error.message}`)
    say(built ? `packages are missing. Run "npm ci" in ${root}.` : `it is not built. Run "npm run build" in ${root}.`)
    return 1
  }
  return main(argv)
}

async function dispatch(argv) {
  const [first, second] = argv
  if (first === '--version' || first === '-V') {
    process.stdout.write(`${packageVersion(root)}\n`)
    return 0
  }
  if (first === '--help' || first === '-h' || (first === 'help' && second === undefined)) {
    process.stdout.write(helpPage())
    return 0
  }
  if (first === undefined || first.startsWith('-')) return runCommand(TERMINAL, argv)
  const name = first === 'help' ? second : first
  const command = COMMANDS.find((candidate) => candidate.name === name)
  if (!command) return refuseCommand(name)
  return runCommand(command.owner, first === 'help' ? [name, '--help'] : argv)
}

/** Ends the process once what was written has left; something a command left open must not hold the shell. */
function end(code) {
  process.exitCode = code
  let open = 2
  const left = () => {
    open -= 1
    if (open === 0) process.exit()
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => process.exit())
    stream.write('', left)
  }
  setTimeout(() => process.exit(), 5000).unref()
}

if (major(process.versions.node) >= NODE_MAJOR) {
  enableCompileCache()
  dispatch(process.argv.slice(2)).then(end, (error) => {
    debug('%s', error.stack)
    say(`it failed unexpectedly: ${error.message}`)
    end(70)
  })
} else {
  const node = carriedNode()
  if (node) runWith(node)
  else {
    sayNodeTooOld()
    process.exitCode = 1
  }
}
