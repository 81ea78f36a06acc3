import { runProcess } from '../../host/process.ts';

/** What `runc --version` says; empty texts where there is none to ask. */
export async function runcVersion(signal: AbortSignal): Promise<{ version: string; commit: string }> {
  try {
    const { stdout } = await runProcess('runc', ['--version'], { timeout: 5000, signal });
    const text = stdout.toString();
    const field = (pattern: RegExp) => pattern.exec(text)?.[1] ?? '';
    return { version: field(/^runc version (\S+)/m), commit: field(/^commit: (\S+)/m) };
  } catch {
    return { version: '', commit: '' };
  }
}
