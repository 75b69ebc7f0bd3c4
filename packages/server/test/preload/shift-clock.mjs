// Loaded before the server by a test: the time of day jumps by what the file of SHIFT_CLOCK_FILE says, in milliseconds. Nothing else of the
// process is touched, as with a real clock that is set.
import { readFileSync } from 'node:fs'

const file = process.env.SHIFT_CLOCK_FILE ?? ''
const RealDate = Date
let aheadMs = 0

function look() {
  try {
    aheadMs = Number(readFileSync(file, 'utf8')) || 0
  } catch {
    aheadMs = 0
  }
}

setInterval(look, 10).unref()

globalThis.Date = class extends RealDate {
  constructor(...values) {
    if (values.length === 0) super(RealDate.now() + aheadMs)
    else super(...values)
  }

  static now() {
    return RealDate.now() + aheadMs
  }
}
