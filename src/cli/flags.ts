/**
 * A flag of a command. The value's form by type:
 * `bool` boolean; `string` string; `int`, `uint`, `float` number; `duration` nanoseconds;
 * `bytes` a number of bytes (`512m`); `array` each occurrence as typed; `slice` each occurrence split at commas with
 * CSV quoting; `alias` another spelling of the flag `of` (it has no value of its own).
 */
export type FlagSpec =
  | (Common & { type: 'bool'; default?: boolean })
  | (Common & { type: 'string'; default?: string; check?: (value: string) => void })
  | (Common & { type: 'int' | 'uint'; default?: number /** Size in bits, 64 unless given. */; bits?: 16 | 32 | 64 })
  | (Common & { type: 'float'; default?: number })
  | (Common & { type: 'duration'; default?: number })
  | (Common & { type: 'bytes'; default?: number /** `-1` means unlimited. */; minusOne?: boolean })
  | (Common & { type: 'array' | 'slice'; default?: readonly string[]; check?: (value: string) => void })
  | (Common & { type: 'alias'; of: string });

interface Common {
  /** One line of docker's help; `\n` breaks it. Empty for an alias. */
  help: string;
  short?: string;
  /** The word for the value in help; each type has pflag's own (`list` for array and slice). */
  value?: string;
  hidden?: boolean;
  /** What help shows as `(default …)` in place of the default; an empty text shows none. */
  defaultText?: string;
  /** Printed to stderr when the flag is used, as `Flag --x has been deprecated, TEXT`; hides it from help. */
  deprecated?: string;
  /** The value of `--x` without `=value` (pflag's NoOptDefVal); a bool has `true`. */
  bare?: string;
  /** What the shell offers for the value: see complete/expression.ts. */
  complete?: string;
}

/** Keyed by the long name as typed (`add-host`). */
export type FlagTable = Readonly<Record<string, FlagSpec>>;

export type FlagValue<S extends FlagSpec> = S extends { type: 'bool' }
  ? boolean
  : S extends { type: 'string' }
    ? string
    : S extends { type: 'array' | 'slice' }
      ? string[]
      : number;

export type FlagValues<T extends FlagTable> = {
  readonly [K in keyof T as T[K] extends { type: 'alias' } ? never : K]: FlagValue<T[K]>;
} & {
  /** Long names of the flags given on the command line, in their order. */
  readonly changed: ReadonlySet<string>;
};

/** For a table that several commands share: keeps the literal types. */
export function flagTable<const T extends FlagTable>(table: T): T {
  return table;
}
