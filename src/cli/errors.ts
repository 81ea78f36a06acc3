const statusBrand = Symbol.for('nerdctl.StatusError');
const usageBrand = Symbol.for('nerdctl.UsageError');

/** Ends the program with `exitCode`, after printing the message as it stands (an empty one prints nothing). */
export class StatusError extends Error {
  readonly exitCode: number;
  readonly [statusBrand] = true;

  constructor(exitCode: number, message = '', options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StatusError';
    this.exitCode = exitCode;
  }
}

/**
 * The command line is wrong in itself. Printed as `nerdctl: MESSAGE`, a blank line and
 * `Run 'nerdctl COMMAND --help' for more information`; exit code 125 unless given.
 */
export class UsageError extends Error {
  readonly exitCode: number;
  readonly [usageBrand] = true;

  constructor(message: string, exitCode = 125) {
    super(message);
    this.name = 'UsageError';
    this.exitCode = exitCode;
  }
}

/** Works across bundles, where `instanceof` does not. */
export function isStatusError(error: unknown): error is StatusError {
  return typeof error === 'object' && error !== null && statusBrand in error;
}

/** Works across bundles, where `instanceof` does not. */
export function isUsageError(error: unknown): error is UsageError {
  return typeof error === 'object' && error !== null && usageBrand in error;
}
