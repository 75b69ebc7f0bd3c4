const secondPressMs = 2000

/** Tells a first Ctrl-C from a second one within 2 s. */
export function secondPress(now: () => number): () => boolean {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    const at = now()
    const isSecond = at - last < secondPressMs
    last = at
    return isSecond
  }
}

/** Calls `listener` for each of the signals until the returned function is called. */
export function onSignals(signals: readonly NodeJS.Signals[], listener: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of signals) process.on(signal, listener)
  return () => {
    for (const signal of signals) process.off(signal, listener)
  }
}
