import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findExecutable, pathDirs } from '../../host/executables.ts';
import { writeFileAtomic } from '../../host/files.ts';
import { runProcess } from '../../host/process.ts';
import type { Engine } from '../engine.ts';

export interface RuncVersion {
  version: string;
  commit: string;
}

/**
 * What `runc --version` says; empty texts where there is none to ask. A process costs more than all else that
 * `version` does, so the answer is kept in the data root for as long as runc is the same file.
 */
export async function runcVersion({ settings, signal }: Engine): Promise<RuncVersion> {
  const runc = findExecutable('runc', pathDirs(process.env.PATH));
  if (runc === undefined) return { version: '', commit: '' };
  const file = join(settings.dataRoot, 'runc-version.json');
  try {
    const { ino, size, mtimeMs } = statSync(runc);
    const of = [runc, ino, size, mtimeMs].join(' ');
    const kept = readKept(file);
    if (kept?.of === of) return { version: kept.version, commit: kept.commit };
    const { stdout } = await runProcess(runc, ['--version'], { timeout: 5000, signal });
    const text = stdout.toString();
    const field = (pattern: RegExp) => pattern.exec(text)?.[1] ?? '';
    const answer = { version: field(/^runc version (\S+)/m), commit: field(/^commit: (\S+)/m) };
    // Where nothing can be kept, it is asked again.
    if (answer.version !== '') await writeFileAtomic(file, JSON.stringify({ of, ...answer })).catch(() => {});
    return answer;
  } catch {
    return { version: '', commit: '' };
  }
}

function readKept(file: string): (RuncVersion & { of: string }) | undefined {
  try {
    const { of, version, commit } = JSON.parse(readFileSync(file, 'utf8'));
    return { of: String(of), version: String(version), commit: String(commit) };
  } catch {
    return undefined;
  }
}
