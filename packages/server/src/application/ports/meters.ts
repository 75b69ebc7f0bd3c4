/** Counts that nothing stored tells. */
export interface Meters {
  /** A history had to be mended before a model could be asked (DESIGN promise 3): this never happens, and is counted to show it. */
  historyRepaired(count: number): void
}
