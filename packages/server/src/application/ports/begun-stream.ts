/** How a stream began: its first item, and where the others come from. */
export interface Begun<T> {
  readonly first: IteratorResult<T>
  readonly rest: AsyncIterator<T>
}

/** A stream that something has to be done for before its first item. After it the items come from `rest` itself: a generator in between
 *  would cost three turns of the microtask queue for each. */
export class BegunStream<T> implements AsyncIterableIterator<T> {
  readonly #begin: () => Promise<Begun<T>>
  #rest: AsyncIterator<T> | undefined
  #over = false

  constructor(begin: () => Promise<Begun<T>>) {
    this.#begin = begin
  }

  next(): Promise<IteratorResult<T>> {
    return this.#rest ? this.#rest.next() : this.#first()
  }

  async return(_value?: unknown): Promise<IteratorResult<T>> {
    this.#over = true
    await this.#rest?.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async #first(): Promise<IteratorResult<T>> {
    if (this.#over) return { done: true, value: undefined }
    this.#over = true
    const { first, rest } = await this.#begin()
    this.#rest = rest
    return first
  }
}
