export interface Series {
  readonly label: string
  /** Name of a token: `--c1`. */
  readonly color: string
  /** Null: nothing was measured. */
  readonly values: readonly (number | null)[]
}

export interface PlotProps {
  readonly title: string
  readonly unit: string
  readonly kind: 'bars' | 'lines' | 'area'
  /** Epoch seconds, where each part begins. */
  readonly times: readonly number[]
  readonly partSeconds: number
  readonly series: readonly Series[]
  readonly format: (value: number) => string
  /** A short form for the axis. */
  readonly axis: (value: number) => string
  /** One sentence that says what the plot shows. */
  readonly says: string
}
