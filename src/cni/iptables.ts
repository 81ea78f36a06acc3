import { DockerError } from '../docker/errors.ts';
import type { ProcessResult } from '../host/process.ts';
import { type NetworkSide, runInNetwork, withSbin } from './network-side.ts';
import { parseRules, ruleKey, ruleScript } from './rule-script.ts';
import { attachmentMark, passingRules, type Rule, type RulesOf, type WantedRule, wantedRules } from './rules.ts';

export { portmapChain } from './rules.ts';

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

/** The DNAT rules among these, whoever wrote them. */
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

/**
 * Writes or removes the rules of an attachment; of those that it has, from whomever, none stays.
 * @throws DockerError `system` with what iptables says
 */
export async function changeAttachmentRules(side: NetworkSide, of: RulesOf, change: 'add' | 'remove'): Promise<void> {
  await Promise.all(
    familiesOf(of).map(async ([number, family]) => {
      const error = await changeRules(side, family, ownedBy(of), change === 'add' ? wantedRules(of, number) : []);
      if (error !== undefined) throw new DockerError('system', `cannot ${change} the rules of a container: ${error}`);
    }),
  );
}

/** Both where no address is known. */
function familiesOf({ addresses }: RulesOf): [4 | 6, Family][] {
  const known = new Set(addresses.map(({ family }) => family));
  const all: [4 | 6, Family][] = [
    [4, 'iptables'],
    [6, 'ip6tables'],
  ];
  return all.filter(([number]) => known.size === 0 || known.has(number));
}

/** The rules that name the attachment, and those that let its addresses through. */
function ownedBy(of: RulesOf): (rule: Rule) => boolean {
  const mark = attachmentMark(of).replaceAll('"', '\\"');
  const passing = new Set(passingRules(of.addresses).map(ruleKey));
  return (rule) => rule.text.includes(mark) || passing.has(ruleKey(rule));
}

async function removeRules(side: NetworkSide, matches: (rule: Rule) => boolean): Promise<void> {
  await Promise.all(families.map((family) => changeRules(side, family, matches)));
}

/** Somebody else may change the rules between the look and the change, which then fails as a whole. */
const attempts = 3;

/** @returns what went wrong, if it did */
async function changeRules(
  side: NetworkSide,
  family: Family,
  doomed: (rule: Rule) => boolean,
  wanted: readonly WantedRule[] = [],
): Promise<string | undefined> {
  let error: string | undefined;
  for (let i = 0; i < attempts; i++) {
    const script = ruleScript(await save(side, family, []), doomed, wanted);
    if (script === '') return undefined;
    const result = await run(side, `${family}-restore`, ['--noflush', '-w', '10'], script);
    if (result?.code === 0) return undefined;
    error = result ? result.stderr.toString('utf8').trim().replace(/\s+/g, ' ') : `${family}-restore cannot be started`;
  }
  return error;
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
