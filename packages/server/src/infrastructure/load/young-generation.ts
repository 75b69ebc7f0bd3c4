import { setFlagsFromString } from 'node:v8'

/** Keeps V8's space for what has just been made at the size that the start needed. It would double under load and stay so: a hundred
 *  megabytes that are never full, for no speed that could be measured. The flag is read at each collection. */
export function boundYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
