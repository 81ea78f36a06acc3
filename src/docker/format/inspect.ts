import { DockerError, isDockerError } from '../errors.ts';
import { compileTemplate, type Template } from '../template/template.ts';
import { goJson } from '../values/go-json.ts';

/** Exit code of an inspect whose template does not parse. */
export const templateFailureExitCode = 64;

/** The text of an inspect, and what went wrong with the template, if something did. */
export interface InspectOutput {
  text: string;
  error?: DockerError;
  exitCode: 0 | 1 | 64;
}

/**
 * Formats inspected objects: without a format (or with `json`) an array (one line for `json`), else the template's text, a line for each.
 * A template runs on the object as docker's types know it, then, if that fails, on its plain JSON, where a missing key is an error.
 * An object for which both fail adds a line to the error; the others are printed.
 */
export function formatInspect(objects: readonly object[], format = ''): InspectOutput {
  if (format === '') return { text: `${goJson(objects, { indent: 4, escapeHtml: false })}\n`, exitCode: 0 };
  if (format === 'json') return { text: `${goJson(objects, { escapeHtml: false })}\n`, exitCode: 0 };
  let typed: Template;
  let raw: Template;
  try {
    typed = compileTemplate(format);
    raw = compileTemplate(format, { missingKeyError: true });
  } catch (error) {
    return { text: '', error: asDockerError(error, 'template parsing error: '), exitCode: templateFailureExitCode };
  }
  let text = '';
  const failures: string[] = [];
  for (const object of objects) {
    try {
      text += `${executeEither(typed, raw, object)}\n`;
    } catch (error) {
      failures.push(asDockerError(error, 'template parsing error: ').message);
    }
  }
  if (text === '') text = '\n';
  if (failures.length === 0) return { text, exitCode: 0 };
  return { text, error: new DockerError('invalid', failures.join('\n')), exitCode: 1 };
}

function executeEither(typed: Template, raw: Template, object: object): string {
  try {
    return typed.execute(object);
  } catch (error) {
    if (!isDockerError(error)) throw error;
    return raw.execute(JSON.parse(JSON.stringify(object)));
  }
}

function asDockerError(error: unknown, prefix: string): DockerError {
  if (!isDockerError(error)) throw error;
  return new DockerError('invalid', prefix + error.message);
}
