import { runProcess } from '../host/process.ts';

/** Plugins without a command print who they are: `CNI firewall plugin v1.7.1`. Undefined where no number is told. */
export async function pluginVersion(program: string): Promise<[number, number, number] | undefined> {
  const result = await runProcess(program, [], { env: {}, timeout: 5_000 }).catch(() => undefined);
  const text = `${result?.stdout ?? ''}${result?.stderr ?? ''}`;
  const [, major, minor, patch] = /^CNI \S+ plugin v?(\d+)\.(\d+)\.(\d+)/m.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}
