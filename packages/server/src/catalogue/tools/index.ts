import type { Tool } from '../../domain/tool.ts'
import { askFollowupQuestion } from './ask-followup-question.ts'
import { attemptCompletion } from './attempt-completion.ts'
import { createDirectory } from './create-directory.ts'
import { executeCommand } from './execute-command.ts'
import { listFiles } from './list-files.ts'
import { readFile } from './read-file.ts'
import { searchInCode } from './search-in-code.ts'
import { switchMode } from './switch-mode.ts'
import { writeFile } from './write-file.ts'

/** Every tool there is, in the order in which models are told of them (PROTOCOL 5.1). */
export const tools: readonly Tool[] = [
  switchMode,
  readFile,
  writeFile,
  listFiles,
  createDirectory,
  executeCommand,
  searchInCode,
  askFollowupQuestion,
  attemptCompletion,
]
