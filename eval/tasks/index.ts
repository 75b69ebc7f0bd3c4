import type { Task } from '../task.ts'
import { task as addOption } from './add-option.ts'
import { task as badBatch } from './bad-batch.ts'
import { task as callInProse } from './call-in-prose.ts'
import { task as explain } from './explain.ts'
import { task as findWhere } from './find-where.ts'
import { task as fixFailingTest } from './fix-failing-test.ts'
import { task as forEver } from './for-ever.ts'
import { task as handOver } from './hand-over.ts'
import { task as largeFile } from './large-file.ts'
import { task as longOutput } from './long-output.ts'
import { task as neverRead } from './never-read.ts'
import { task as plan } from './plan.ts'
import { task as renameAcrossFiles } from './rename-across-files.ts'
import { task as sameCall } from './same-call.ts'
import { task as staleRead } from './stale-read.ts'
import { task as windowsFile } from './windows-file.ts'

export const tasks: readonly Task[] = [
  addOption,
  badBatch,
  callInProse,
  explain,
  findWhere,
  fixFailingTest,
  forEver,
  handOver,
  largeFile,
  longOutput,
  neverRead,
  plan,
  renameAcrossFiles,
  sameCall,
  staleRead,
  windowsFile,
]
