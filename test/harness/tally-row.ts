/** One test in the tally that tally.mjs writes: a line of JSON. */
export interface Row {
  file: string;
  name: string;
  outcome: 'passed' | 'failed' | 'skipped';
  /** The reason of a skipped test, the first line of a failure. */
  reason: string;
  ms: number;
}
