/** Finds the end of one HTTP answer in the bytes of a connection. */
export class AnswerReader {
  #text = ''
  #status: string | undefined
  #bodyStart = 0
  #length: number | 'chunked' | 'until-closed' = 'until-closed'

  /** Of the head, as soon as it is there. */
  get status(): string | undefined {
    return this.#status
  }

  /** The connection takes no other request. */
  closes = false
  /** It is no answer to a message but a stream that goes on. */
  endless = false

  /** The status once the answer is whole. */
  add(bytes: Buffer): string | undefined {
    this.#text += bytes.toString('latin1')
    if (this.#status === undefined && !this.#readHead()) return undefined
    return this.endless || this.#isWhole() ? this.#status : undefined
  }

  #readHead(): boolean {
    const end = this.#text.indexOf('\r\n\r\n')
    if (end < 0) return false
    const head = this.#text.slice(0, end).toLowerCase()
    const status = /^http\/1\.1 (\d{3})/.exec(head)?.[1]
    if (status === undefined) throw new Error(`no answer: ${JSON.stringify(head.slice(0, 200))}`)
    if (status === '100') {
      this.#text = this.#text.slice(end + 4)
      return this.#readHead()
    }
    this.#status = status
    this.#bodyStart = end + 4
    this.closes = /^connection:.*close/m.test(head)
    const length = /^content-length: (\d+)/m.exec(head)?.[1]
    if (status === '204' || status === '304') this.#length = 0
    else if (/^transfer-encoding: chunked/m.test(head)) this.#length = 'chunked'
    else if (length !== undefined) this.#length = Number(length)
    return true
  }

  #isWhole(): boolean {
    const { length } = this.#text
    if (this.#length === 'until-closed') return false
    if (this.#length !== 'chunked') return length >= this.#bodyStart + this.#length
    // Only the tail is looked at; a body that ends like this in a chunk of its own does not occur here.
    return length > this.#bodyStart && this.#text.endsWith('\r\n0\r\n\r\n')
  }
}
