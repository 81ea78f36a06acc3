import { DockerError } from '../errors.ts';

/** A template that does not parse: `template: :1: …`. */
export function parseFailure(line: number, message: string): DockerError {
  return new DockerError('invalid', `template: :${line}: ${message}`);
}

/** Line and zero-based byte column of an offset, as Go reports them. */
export function positionOf(source: string, pos: number): { line: number; column: number } {
  const before = source.slice(0, pos);
  const newline = before.lastIndexOf('\n');
  return { line: before.split('\n').length, column: new TextEncoder().encode(before.slice(newline + 1)).length };
}

/** What goes wrong while executing, in Go's words. */
export function executionFailure(source: string, pos: number, name: string, at: string, message: string): DockerError {
  const { line, column } = positionOf(source, pos);
  return new DockerError(
    'invalid',
    `template: :${line}:${column}: executing ${JSON.stringify(name)} at <${at}>: ${message}`,
  );
}
