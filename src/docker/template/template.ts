import { builtins } from './builtins.ts';
import { dockerFunctions } from './docker-functions.ts';
import { execute } from './execute.ts';
import { parseTemplate } from './parser.ts';
import type { TemplateFunction } from './values.ts';

export interface TemplateOptions {
  /** In place of docker's functions. */
  functions?: Readonly<Record<string, TemplateFunction>>;
  /** A key that a map has not is an error instead of `<no value>`. */
  missingKeyError?: boolean;
}

/** A parsed template. */
export interface Template {
  /** @throws DockerError `invalid`, Go's sentence: `template: :1:2: executing "" at <.X>: …` */
  execute(value: unknown): string;
}

/**
 * A Go text/template with docker's functions (json, split, join, title, lower, upper, pad, truncate).
 * @throws DockerError `invalid`, Go's sentence: `template: :1: …`
 */
export function compileTemplate(text: string, options: TemplateOptions = {}): Template {
  const functions = { ...builtins, ...(options.functions ?? dockerFunctions) };
  const definitions = parseTemplate(text, (name) => Object.hasOwn(functions, name));
  const { missingKeyError = false } = options;
  return { execute: (value) => execute(text, definitions, value, { functions, missingKeyError }) };
}
