import { endProcesses, processEnvironment } from '../host/proc.ts';

/** The longest that a plugin may take, in milliseconds. */
const patience = 30_000;

/** Waits for the plugins that a killed process has left at work on a container, and kills those that hang. */
export async function awaitPlugins(containerId: string): Promise<void> {
  const mark = `CNI_CONTAINERID=${containerId}`;
  await endProcesses((pid) => processEnvironment(pid).includes(mark), patience);
}
