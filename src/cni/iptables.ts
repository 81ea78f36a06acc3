import { createHash } from 'node:crypto';
import type { ProcessResult } from '../host/process.ts';
import { type NetworkSide, runInNetwork, withSbin } from './network-side.ts';

/** One chain's rule in the words of iptables-save, without the `-A`. */
export interface Rule {
  table: string;
  chain: string;
  text: string;
}

/** A port of the host that a rule, of whomever, forwards. */
export interface ForwardedPort {
  protocol: string;
  /** Empty means every address. */
  address: string;
  first: number;
  last: number;
  chain: string;
}

const families = ['iptables', 'ip6tables'] as const;
type Family = (typeof families)[number];

/** @param text the output of iptables-save */
export function parseRules(text: string): Rule[] {
  let table = '';
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('*')) table = line.slice(1).trim();
    const [, chain, rest] = /^-A (\S+)\s?(.*)$/.exec(line) ?? [];
    return chain === undefined ? [] : [{ table, chain, text: rest ?? '' }];
  });
}

/** The DNAT rules among them, whoever wrote them. */
export function forwardedPorts(rules: readonly Rule[]): ForwardedPort[] {
  return rules.flatMap(({ chain, text }) => {
    if (!/ -j (DNAT|REDIRECT)\b/.test(` ${text}`)) return [];
    const protocol = /-p (\S+)/.exec(text)?.[1];
    const ports = /--(?:dport|dports|destination-ports?) (\S+)/.exec(text)?.[1];
    if (!protocol || !ports) return [];
    const address = /(?:^| )-d ([^\s/]+)/.exec(text)?.[1] ?? '';
    return ports.split(',').map((range) => {
      const [first = 0, last = first] = range.split(':').map(Number);
      return { protocol, address, first, last, chain };
    });
  });
}

/** The chain that the portmap plugin makes for one container on one network. */
export function portmapChain(networkName: string, containerId: string): string {
  return `CNI-DN-${createHash('sha512').update(`${networkName}${containerId}`).digest('hex').slice(0, 21)}`;
}

/** What is forwarded on this machine, by IPv6 rules too if told. Nothing where there is no iptables. */
export async function readForwardedPorts(side: NetworkSide, ipv6: boolean): Promise<ForwardedPort[]> {
  const asked = families.filter((family) => ipv6 || family === 'iptables');
  const saved = await Promise.all(asked.map((family) => save(side, family, ['-t', 'nat'])));
  return saved.flatMap((text) => forwardedPorts(parseRules(text)));
}

/**
 * Removes the rules whose comment names the container, and the chains of the plugins that only they led to: what the
 * bridge and portmap plugins cannot find again once the network namespace is gone.
 */
export async function removeContainerRules(side: NetworkSide, containerId: string): Promise<void> {
  // iptables-save writes the quotes of the comment escaped.
  const mark = new RegExp(`id: \\\\?"${containerId.replace(/[^\w-]/g, '\\$&')}\\\\?"`);
  await removeRules(side, (rule) => mark.test(rule.text));
}

/** The isolation rules of the firewall plugin for a bridge that is going away: no plugin removes them. */
export async function removeBridgeRules(side: NetworkSide, bridge: string): Promise<void> {
  await removeRules(
    side,
    ({ chain, text }) => chain.startsWith('CNI-ISOLATION-') && ` ${text} `.split(/\s+/).includes(bridge),
  );
}

async function removeRules(side: NetworkSide, matches: (rule: Rule) => boolean): Promise<void> {
  await Promise.all(
    families.map(async (family) => {
      const rules = parseRules(await save(side, family, []));
      const script = removalScript(rules, matches);
      if (script) await run(side, `${family}-restore`, ['--noflush', '-w', '10'], script);
    }),
  );
}

/** Input of `iptables-restore --noflush`; empty when nothing matches. */
export function removalScript(rules: readonly Rule[], matches: (rule: Rule) => boolean): string {
  const doomed = rules.filter(matches);
  return [...new Set(doomed.map((rule) => rule.table))]
    .map((table) => {
      const own = doomed.filter((rule) => rule.table === table);
      const chains = new Set(own.flatMap(({ text }) => /-j (CNI-(?:DN-|SN-)?[0-9a-f]{20,})/.exec(text)?.[1] ?? []));
      return [
        `*${table}`,
        ...own.map(({ chain, text }) => `-D ${chain} ${text}`),
        ...[...chains].flatMap((chain) => [`-F ${chain}`, `-X ${chain}`]),
        'COMMIT',
        '',
      ].join('\n');
    })
    .join('');
}

async function save(side: NetworkSide, family: Family, args: string[]): Promise<string> {
  const result = await run(side, `${family}-save`, args);
  return result?.code === 0 ? result.stdout.toString('utf8') : '';
}

/** Undefined where the program is not installed. */
function run(side: NetworkSide, program: string, args: string[], input?: string): Promise<ProcessResult | undefined> {
  return runInNetwork(side, program, args, { input, env: { PATH: withSbin(process.env.PATH) }, timeout: 20_000 }).catch(
    () => undefined,
  );
}
