/** One replacement, in the words of the tool `edit_file`. */
export interface Edit {
  readonly old_text: string
  readonly new_text: string
  /** Every place with exactly this text, not only the one there is. */
  readonly replace_all?: boolean
}

/**
 * How the old text was found: as it was written; but for line ends; but for space at the ends of lines; but for one indent that all
 * its lines have more or less than the file.
 */
export type EditMatch = 'exact' | 'line_ends' | 'trailing_space' | 'indent'

/** What one edit did. */
export interface AppliedEdit {
  readonly match: EditMatch
  /** Where the new text stands now, in lines of the new text from 1, both ends inclusive. A deletion names the line where it was. */
  readonly places: readonly LineRange[]
}

export interface LineRange {
  readonly first: number
  readonly last: number
}

export type EditProblem =
  /** The list of edits is empty, or an edit is not a text that can be stored. */
  | 'invalid'
  | 'no_change'
  | 'not_found'
  | 'several'
  | 'overlap'
  /** `old_text` is empty, and the file is not. */
  | 'not_empty'

export type EditOutcome =
  | { readonly ok: true; readonly text: string; readonly applied: readonly AppliedEdit[] }
  | {
      readonly ok: false
      readonly problem: EditProblem
      /** The edit at fault, counted from 0. */
      readonly edit: number
      /** The lines in question: of every match, of the nearest region, of the overlap. */
      readonly lines: readonly number[]
      /** What is wrong and what to do, for the model. It says "the file": the caller knows its name. */
      readonly message: string
    }
