import { StatusError } from '../../cli/command.ts';
import { compileTemplate, type Template } from '../../docker/template/template.ts';

/** What `--format` of version and info asks for; undefined is the text for people. A bad template exits with 64. */
export function outputTemplate(format: string): Template | undefined {
  if (format === '') return undefined;
  try {
    return compileTemplate(format === 'json' ? '{{json .}}' : format);
  } catch (error) {
    throw new StatusError(64, `template parsing error: ${(error as Error).message}`, { cause: error });
  }
}
