import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqliteStore } from '../../src/infrastructure/persistence/sqlite/open-store.ts'
import { systemClock } from '../../src/infrastructure/system-clock.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Folder for the databases of many simulations, and an empty one with our schema. */
export class DiskPlace {
  readonly folder: string
  readonly #template: string
  #count = 0

  private constructor(folder: string, template: string) {
    this.folder = folder
    this.#template = template
  }

  static async make(): Promise<DiskPlace> {
    const memory = '/dev/shm'
    const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'codelab-simulation-'))
    const template = join(folder, 'template.db')
    const store = await openSqliteStore({
      file: template,
      durability: 'normal',
      clock: systemClock,
      log: quiet,
      onFatal: (error) => {
        throw error
      },
    })
    await store.close()
    return new DiskPlace(folder, template)
  }

  newFile(): string {
    this.#count += 1
    return join(this.folder, `${this.#count}.db`)
  }

  disk(): Disk {
    const file = this.newFile()
    copyFileSync(this.#template, file)
    return new Disk(this, file)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The database file of one simulation, with a write-ahead log of which only the synced part survives a loss of power. */
export class Disk implements Disposable {
  readonly #place: DiskPlace
  #file: string
  #database: DatabaseSync
  #log: number
  #synced = 0

  constructor(place: DiskPlace, file: string) {
    this.#place = place
    this.#file = file
    this.#database = open(file)
    this.#log = openSync(`${file}-wal`, 'r')
  }

  get database(): DatabaseSync {
    return this.#database
  }

  /** Bytes of the log that are written. */
  get written(): number {
    return fstatSync(this.#log).size
  }

  /** What was written when the sync began is on the disk when it has ended. */
  synced(bytes: number): void {
    this.#synced = Math.max(this.#synced, bytes)
  }

  /** The process ends: what SQLite committed stays, what it was in the middle of goes. */
  killProcess(): void {
    if (this.#database.isTransaction) this.#database.exec('rollback')
  }

  /** The machine stops: what was not synced goes too. */
  losePower(): void {
    this.killProcess()
    const file = this.#place.newFile()
    copyFileSync(this.#file, file)
    writeFileSync(`${file}-wal`, readFileSync(`${this.#file}-wal`).subarray(0, this.#synced))
    this.#close()
    this.#file = file
    this.#database = open(file)
    this.#log = openSync(`${file}-wal`, 'r')
  }

  [Symbol.dispose](): void {
    this.#close()
  }

  #close(): void {
    closeSync(this.#log)
    this.#database.close()
    for (const end of ['', '-wal', '-shm']) rmSync(`${this.#file}${end}`, { force: true })
  }
}

/** As the server opens it, but the log is never written back: then its length says what is stored. */
function open(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  database.exec(`pragma journal_mode = wal; pragma synchronous = off; pragma foreign_keys = on;
    pragma temp_store = memory; pragma wal_autocheckpoint = 0`)
  database.prepare('select count(*) from sessions').get()
  return database
}
