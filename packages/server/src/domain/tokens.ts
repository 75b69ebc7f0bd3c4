/** What tokenizers make of prose and code in mixed languages, in bytes of UTF-8: rather too many tokens than too few. */
const bytesPerToken = 3.5
/** Role, separators, ids. */
const perMessage = 6

/** Tokens of a text, estimated without a tokenizer: each provider has another one. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken)
}

/** Tokens of a message with these texts. */
export function estimateMessage(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + estimateTokens(text), perMessage)
}
