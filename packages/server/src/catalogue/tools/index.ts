import type { Tool } from '../../domain/tool.ts'
import { askFollowupQuestion } from './ask-followup-question.ts'
import { attemptCompletion } from './attempt-completion.ts'
import { commandOutput } from './command-output.ts'
import { createDirectory } from './create-directory.ts'
import { deleteFile } from './delete-file.ts'
import { editFile } from './edit-file.ts'
import { executeCommand } from './execute-command.ts'
import { listFiles } from './list-files.ts'
import { moveFile } from './move-file.ts'
import { readArtifact } from './read-artifact.ts'
import { readFile } from './read-file.ts'
import { searchInCode } from './search-in-code.ts'
import { switchMode } from './switch-mode.ts'
import { writeFile } from './write-file.ts'

/** Every tool there is, in the order in which models are told of them: the contract's (PROTOCOL 5.1), then ours. */
export const tools: readonly Tool[] = [
  switchMode,
  readFile,
  writeFile,
  listFiles,
  createDirectory,
  executeCommand,
  searchInCode,
  askFollowupQuestion,
  editFile,
  deleteFile,
  moveFile,
  readArtifact,
  commandOutput,
  attemptCompletion,
]
