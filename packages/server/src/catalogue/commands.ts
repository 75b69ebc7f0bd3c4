import type { CommandKnowledge, ReadOnlyCommand, RiskyUse } from '../domain/command-reach.ts'

/** Programs that print what is in files of the workspace, or about them, and write nothing with these options left out. */
const reading: readonly ReadOnlyCommand[] = [
  ...'cat cksum cmp comm cut df du expand fold head hexdump ls md5sum nl od paste pwd readlink realpath rev sha1sum sha256sum sha512sum stat strings tac tail tr unexpand wc'
    .split(' ')
    .map((command) => ({ command })),
  { command: 'basename' },
  { command: 'dirname' },
  { command: 'base64' },
  { command: 'column' },
  { command: 'date', never: ['-s', '--set'] },
  { command: 'diff', never: ['-r', '--recursive', '-l', '--paginate'] },
  { command: 'echo', text: 'all' },
  { command: 'false' },
  {
    command: 'file',
    never: ['-C', '--compile', '-z', '-Z', '--uncompress', '-m', '--magic-file', '-f', '--files-from'],
  },
  ...['grep', 'egrep', 'fgrep'].map(
    (command): ReadOnlyCommand => ({
      command,
      text: 'first',
      recursive: ['-r', '-R', '--recursive', '--dereference-recursive', '-d', '--directories'],
    }),
  ),
  { command: 'printf', text: 'all', never: ['-v'] },
  {
    command: 'rg',
    text: 'first',
    never: [
      '--pre',
      '--pre-glob',
      '--hostname-bin',
      '-z',
      '--search-zip',
      '-.',
      '--hidden',
      '-u',
      '--unrestricted',
      '--no-ignore',
    ],
  },
  { command: 'sed', shown: 'sed -n 1,20p *', only: /^-n \d+(?:,(?:\d+|\$))?p(?: (?![-/~])[\w./@+-]+)*$/ },
  {
    command: 'sort',
    never: ['-o', '--output', '-T', '--temporary-directory', '--compress-program', '--files0-from', '--random-source'],
  },
  { command: 'tree', never: ['-o', '-R', '-l'] },
  { command: 'true' },
  { command: 'uniq', operands: 1 },
  { command: 'which' },
  ...['whoami', 'id', 'uname', 'nproc', 'uptime', 'arch'].map((command) => ({ command })),
  { command: 'hostname', shown: 'hostname', only: /^$/ },
  {
    command: 'find',
    never: '-exec -execdir -ok -okdir -delete -fprint -fprint0 -fprintf -fls -files0-from -follow -L'.split(' '),
  },
  { command: 'cd', shown: 'cd *', only: /^(?![-/~])(?!.*(?:^|\/)\.\.(?:\/|$))[\w./@+-]+$/ },
  ...'node npm pnpm yarn bun deno python python3 pip pip3 ruby cargo rustc javac php gcc clang cmake docker tsc git rg make'
    .split(' ')
    .map((command): ReadOnlyCommand => ({ command, shown: `${command} --version`, only: /^--version$/ })),
  ...'node npm pnpm tsc'
    .split(' ')
    .map((command): ReadOnlyCommand => ({ command, shown: `${command} -v`, only: /^-v$/ })),
  { command: 'go', shown: 'go version', only: /^version$/ },
]

/** What a query of the history may not do: write a file, run a program. */
const neverOfGit = [
  '--output',
  '--ext-diff',
  '--textconv',
  '--filters',
  '-O',
  '--open-files-in-pager',
  '--exec',
  '--upload-pack',
  '--no-index',
]

const git: readonly ReadOnlyCommand[] = [
  ...'blame cat-file describe diff log ls-files ls-tree merge-base name-rev reflog|show rev-list rev-parse shortlog show stash|list stash|show status'
    .split(' ')
    .map((command): ReadOnlyCommand => ({ command: `git ${command.replace('|', ' ')}`, never: neverOfGit })),
  { command: 'git grep', never: neverOfGit, text: 'first' },
  {
    command: 'git branch',
    shown: 'git branch --list',
    only: /^(?:(?:-a|-r|-v|-vv|-av|-avv|--all|--list|--remotes|--show-current)(?: |$))*$/,
  },
  { command: 'git tag', shown: 'git tag --list', only: /^(?:-l|--list)?$/ },
  { command: 'git remote', shown: 'git remote -v', only: /^(?:-v|--verbose)?$/ },
  { command: 'git reflog', shown: 'git reflog', only: /^$/ },
]

const runsOthers = 'it runs other commands'
const holdsScript = 'its script stands in the command'

const programs = (reason: string, names: string): RiskyUse[] => names.split(' ').map((command) => ({ command, reason }))
const withOptions = (reason: string, names: string, options: string): RiskyUse[] =>
  names.split(' ').map((command) => ({ command, options: options.split(' '), reason }))

/** No rule allows these: a pattern cannot say what they will do. */
const risky: readonly RiskyUse[] = [
  ...programs(runsOthers, 'bash sh dash zsh ksh mksh ash csh tcsh fish rbash pwsh powershell cmd busybox toybox'),
  ...programs(runsOthers, 'env exec nice nohup setsid stdbuf time timeout watch ionice chrt taskset flock script'),
  ...programs(
    runsOthers,
    'xargs parallel sudo doas su runuser chroot unshare nsenter ssh screen tmux expect osascript',
  ),
  ...programs(runsOthers, 'strace ltrace gdb lldb'),
  ...programs('its script can run other commands', 'awk gawk mawk nawk original-awk'),
  ...programs('its script can change files and run commands', 'sed gsed'),
  ...programs(
    'it waits for a person, and can run other commands',
    'ed ex emacs nano vi vim nvim view less more most man',
  ),
  ...programs(
    'it changes what later commands mean',
    '. alias bind builtin command complete declare enable eval export hash let local mapfile popd pushd read readarray readonly set shopt source trap typeset unalias unset',
  ),
  ...programs('it writes into files', 'dd tee truncate'),
  ...programs('it runs other commands later', 'at batch crontab'),
  ...withOptions(
    'it runs a command for each file, deletes, or writes',
    'find',
    '-exec -execdir -ok -okdir -delete -fprint -fprint0 -fprintf -fls',
  ),
  ...withOptions(
    runsOthers,
    'tar gtar bsdtar',
    '-I -F --use-compress-program --checkpoint-action --to-command --info-script --new-volume-script --rsh-command --rmt-command',
  ),
  ...withOptions(runsOthers, 'zip', '-T --test --unzip-command'),
  ...withOptions(runsOthers, 'rsync', '-e --rsh --rsync-path'),
  ...withOptions(runsOthers, 'scp sftp', '-S -o -D -F'),
  ...withOptions(runsOthers, 'sort', '--compress-program'),
  ...withOptions(runsOthers, 'rg', '--pre --hostname-bin'),
  ...withOptions(runsOthers, 'diff', '-l --paginate'),
  ...withOptions(holdsScript, 'perl ruby', '-e -E -i'),
  ...withOptions(holdsScript, 'python python2 python3 pypy3', '-c'),
  ...withOptions(holdsScript, 'node nodejs bun', '-e -p --eval --print'),
  ...withOptions(holdsScript, 'php', '-r -B -R -E'),
  ...withOptions(holdsScript, 'lua luajit', '-e'),
  { command: 'deno eval', reason: holdsScript },
  // Whatever stands before the name of the query: `git -c core.pager=… log`.
  { command: 'git', line: /^(?:--no-pager )?-(?!-no-pager|-version$|-help$)/, reason: runsOthers },
  ...withOptions(
    runsOthers,
    'git',
    '--upload-pack --receive-pack --exec --ext-diff --open-files-in-pager --config-env --output',
  ),
  ...withOptions(runsOthers, 'git', '--extcmd --tool'),
  { command: 'git', line: /(?:^| )(?:ext|fd)::/, reason: runsOthers },
  { command: 'git rebase', options: ['-x'], reason: runsOthers },
  { command: 'git grep', options: ['-O'], reason: runsOthers },
  { command: 'git config', reason: 'it changes what git runs' },
  { command: 'git bisect', reason: runsOthers },
  { command: 'git filter-branch', reason: runsOthers },
  { command: 'git submodule', line: /foreach/, reason: runsOthers },
]

export const commandKnowledge: CommandKnowledge = { readOnly: [...reading, ...git], risky }
