import { statfs } from 'node:fs/promises'

/** A small disk is not low only because it is small. */
const leastShare = 1 / 20

export interface DiskSpace {
  readonly freeBytes: number
  readonly low: boolean
}

/** Free space of the disk that holds `folder`. Low: below `minFreeBytes`, or below a twentieth of the disk where that is less.
 *  Throws what the system says of a folder that is not there. */
export async function diskSpace(folder: string, minFreeBytes: number): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(folder)
  const freeBytes = bavail * bsize
  return { freeBytes, low: freeBytes < Math.min(minFreeBytes, blocks * bsize * leastShare) }
}
