const maxNotes = 16
const maxCharacters = 60_000

/** What the model should know with the next message and is too long for a note of the client: what the person ran. */
export class PendingNotes {
  #notes: string[] = []

  add(note: string): void {
    this.#notes = [...this.#notes, note].slice(-maxNotes)
  }

  clear(): void {
    this.#notes = []
  }

  /** The message with the notes behind it; they are told once. */
  attach(text: string): string {
    if (this.#notes.length === 0) return text
    const notes = this.#notes.map((note) => `<note>\n${note}\n</note>`).join('\n')
    this.#notes = []
    return `${text}\n\n${notes.slice(-maxCharacters)}`
  }
}
