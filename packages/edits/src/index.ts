export { applyEdits } from './apply-edits.ts'
export type { AppliedEdit, Edit, EditMatch, EditOutcome, EditProblem, LineRange } from './edit.ts'
export { numberedLines } from './numbered-lines.ts'
