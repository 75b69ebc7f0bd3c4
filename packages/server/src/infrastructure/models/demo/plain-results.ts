type Data = Readonly<Record<string, unknown>>

/** Fields of a result that a client of ours gives as text for a model: numbered lines, matches by file, a command's output below its end. */
export function fieldsOfText(tool: string, text: string): Data | undefined {
  if (tool === 'read_file') return readLines(text)
  if (tool === 'search_in_code') return readMatches(text)
  return tool === 'execute_command' ? readOutput(text) : undefined
}

function readLines(text: string): Data | undefined {
  if (/^[^\n]+ is empty\.$/.test(text)) return { content: '' }
  const [head = '', ...rows] = text.split('\n')
  const found = /, lines \d+-(\d+) of (\d+)(?:, (CRLF|mixed) line ends)?$/.exec(head)
  if (!found) return undefined
  const [, last, total, ends] = found
  const lines = rows.flatMap((row) => /^\d+\t(.*)$/s.exec(row)?.[1] ?? [])
  const notes = rows.filter((row) => row.startsWith('['))
  const end = ends === 'CRLF' ? '\r\n' : '\n'
  const hasLastEnd = !notes.some((note) => note.includes('has no line end'))
  // What was cut, or is not what it seems, must not be written back.
  const isPart = ends === 'mixed' || last !== total || notes.some((note) => / cut after | are left out/.test(note))
  return { content: lines.join(end) + (hasLastEnd ? end : ''), ...(isPart ? { truncated: true } : {}) }
}

function readMatches(text: string): Data | undefined {
  if (/^No match/.test(text)) return { matches: [], total_matches: 0 }
  const [head = '', ...rows] = text.split('\n')
  const total = /^(?:at least )?(\d+) match(?:es)? in \d+ files?$/.exec(head)?.[1]
  if (total === undefined) return undefined
  let path = ''
  const matches: Data[] = []
  for (const row of rows) {
    const [, line, sign, found] = /^(\d+)([:-])\t(.*)$/.exec(row) ?? []
    if (sign === ':') matches.push({ path, line: Number(line), text: found })
    else if (sign === undefined && row !== '--' && !row.startsWith('[')) path = row
  }
  return { matches, total_matches: Number(total) }
}

function readOutput(text: string): Data | undefined {
  const [head = '', ...rows] = text.split('\n')
  const found = /^exit code (\d+), (?:[\d.]+ s|(ended at its time limit of \d+ s))(?:, no output)?$/.exec(head)
  if (!found) return undefined
  const isNote = (row: string) =>
    /^\[(?:Processes left running|With more time|To let it run on|The time limit was)\b/.test(row)
  while (rows.length > 0 && isNote(rows.at(-1) ?? '')) rows.pop()
  return {
    exit_code: Number(found[1]),
    stdout: rows.join('\n'),
    ...(found[2] === undefined ? {} : { timed_out: true }),
  }
}
