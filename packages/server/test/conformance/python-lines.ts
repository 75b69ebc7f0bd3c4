/** Where Python's `splitlines` ends a line: more than any other reader of server-sent events (PROTOCOL 0.4). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters end a line there
const lineEnd = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/

/** Text that comes in pieces, as the lines that Python's HTTP client makes of it. */
export class PythonLines {
  #rest = ''

  push(text: string): string[] {
    const all = this.#rest + text
    // A carriage return at the end may be the first half of a line's end.
    const whole = all.endsWith('\r') ? all.slice(0, -1) : all
    const lines = whole.split(lineEnd)
    this.#rest = (lines.pop() ?? '') + all.slice(whole.length)
    return lines
  }
}
