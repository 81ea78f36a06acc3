import { createHash } from 'node:crypto';

/** One chain's rule in the words of iptables-save, without the `-A`. */
export interface Rule {
  table: string;
  chain: string;
  text: string;
}

export interface WantedRule extends Rule {
  /** Before the rules that are there. */
  first?: boolean;
}

/** An entry of the portMappings capability (CNI conventions). */
export interface CniPort {
  hostPort: number;
  containerPort: number;
  protocol: string;
  hostIP?: string;
}

/** What the rules of one container on one network follow from. */
export interface RulesOf {
  network: string;
  /** `CNI_CONTAINERID` */
  containerId: string;
  bridge: string;
  addresses: { ip: string; prefix: number; family: 4 | 6 }[];
  masquerade: boolean;
  ports: CniPort[];
  /** `ingressPolicy` of the firewall plugin; undefined where the network has none. */
  policy?: string;
}

/** Chains are named by a hash, 28 characters in all. */
function chainName(prefix: string, network: string, containerId: string): string {
  return `${prefix}${createHash('sha512').update(`${network}${containerId}`).digest('hex')}`.slice(0, 28);
}

/** The chain that the portmap plugin makes for one container on one network. */
export const portmapChain = (network: string, containerId: string): string =>
  chainName('CNI-DN-', network, containerId);

const comment = (text: string): string => `-m comment --comment "${text.replaceAll('"', '\\"')}"`;

/** How the plugins name an attachment in the comments of its rules. */
export const attachmentMark = ({ network, containerId }: Pick<RulesOf, 'network' | 'containerId'>): string =>
  `name: "${network}" id: "${containerId}"`;

/** The rules of the plugins bridge (`ipMasq`), portmap and firewall with iptables, in the order of their making. */
export function wantedRules(of: RulesOf, family: 4 | 6): WantedRule[] {
  const own = { ...of, addresses: of.addresses.filter((address) => address.family === family) };
  if (own.addresses.length === 0) return [];
  return [...masqueradeRules(own, family), ...portRules(own, family), ...forwardRules(own)];
}

const hostBits = (family: 4 | 6): number => (family === 4 ? 32 : 128);

function masqueradeRules(of: RulesOf, family: 4 | 6): WantedRule[] {
  if (!of.masquerade) return [];
  const chain = chainName('CNI-', of.network, of.containerId);
  const mark = comment(attachmentMark(of));
  const multicast = family === 4 ? '224.0.0.0/4' : 'ff00::/8';
  return of.addresses.flatMap(({ ip, prefix }) => [
    { table: 'nat', chain, text: `-d ${ip}/${prefix} ${mark} -j ACCEPT` },
    { table: 'nat', chain, text: `! -d ${multicast} ${mark} -j MASQUERADE` },
    { table: 'nat', chain: 'POSTROUTING', text: `-s ${ip}/${hostBits(family)} ${mark} -j ${chain}` },
  ]);
}

const setMark = 'CNI-HOSTPORT-SETMARK';
const masquerade = 'CNI-HOSTPORT-MASQ';
const forwarded = 'CNI-HOSTPORT-DNAT';
const markBit = '0x2000/0x2000';
const toThisHost = '-m addrtype --dst-type LOCAL';

const sharedPortRules: readonly WantedRule[] = [
  { table: 'nat', chain: setMark, text: `${comment('CNI portfwd masquerade mark')} -j MARK --set-xmark ${markBit}` },
  { table: 'nat', chain: masquerade, text: `-m mark --mark ${markBit} -j MASQUERADE` },
  {
    table: 'nat',
    chain: 'POSTROUTING',
    text: `${comment('CNI portfwd requiring masquerade')} -j ${masquerade}`,
    first: true,
  },
  { table: 'nat', chain: 'PREROUTING', text: `${toThisHost} -j ${forwarded}` },
  { table: 'nat', chain: 'OUTPUT', text: `${toThisHost} -j ${forwarded}` },
];

function portRules(of: RulesOf, family: 4 | 6): WantedRule[] {
  const ports = of.ports.filter(({ hostIP }) => !hostIP || hostIP.includes(':') === (family === 6));
  const [address] = of.addresses;
  if (ports.length === 0 || !address) return [];
  const chain = portmapChain(of.network, of.containerId);
  // The comment of a rule may have 255 characters.
  const name = `dnat ${attachmentMark(of)}`;
  const mark = comment(name.length <= 255 ? name : `${name.slice(0, 253)}...`);
  const protocols = [...new Set(of.ports.map(({ protocol }) => protocol))].sort();
  const entries = protocols.flatMap((protocol) =>
    groups(of.ports.filter((port) => port.protocol === protocol).map(({ hostPort }) => hostPort)).map((list) => ({
      table: 'nat',
      chain: forwarded,
      text: `-p ${protocol} ${mark} -m multiport --dports ${list.join(',')} -j ${chain}`,
    })),
  );
  const target = family === 4 ? address.ip : `[${address.ip}]`;
  const rules = ports.flatMap(({ hostIP, hostPort, containerPort, protocol }) => {
    const to = hostIP && hostIP !== '0.0.0.0' && hostIP !== '::' ? `-d ${hostIP} ` : '';
    const packet = `${to}-p ${protocol} -m ${protocol} --dport ${hostPort}`;
    return [
      // What a container sends to itself, or the host from its loopback, has to come back the same way.
      `-s ${address.ip}/${address.prefix} ${packet} -j ${setMark}`,
      ...(family === 4 ? [`-s 127.0.0.1/32 ${packet} -j ${setMark}`] : []),
      `${packet} -j DNAT --to-destination ${target}:${containerPort}`,
    ];
  });
  return [...sharedPortRules, ...rules.map((text) => ({ table: 'nat', chain, text })), ...entries];
}

/** As many as one multiport match takes. */
function groups(ports: number[]): number[][] {
  return Array.from({ length: Math.ceil(ports.length / 15) }, (_, i) => ports.slice(15 * i, 15 * (i + 1)));
}

/** What the firewall plugin lets through for each address. */
export const passingRules = (addresses: RulesOf['addresses']): Rule[] =>
  addresses.flatMap(({ ip, family }) =>
    [`-d ${ip}/${hostBits(family)} -m conntrack --ctstate RELATED,ESTABLISHED`, `-s ${ip}/${hostBits(family)}`].map(
      (packets) => ({ table: 'filter', chain: 'CNI-FORWARD', text: `${packets} -j ACCEPT` }),
    ),
  );

function forwardRules({ addresses, policy, bridge }: RulesOf): WantedRule[] {
  if (policy === undefined) return [];
  const rule = (chain: string, text: string, first = false): WantedRule => ({ table: 'filter', chain, text, first });
  const [stage1, stage2] = ['CNI-ISOLATION-STAGE-1', 'CNI-ISOLATION-STAGE-2'];
  const any = comment('CNI firewall plugin rules (ingressPolicy: same-bridge|isolated)');
  const own = comment(`CNI firewall plugin rules (ingressPolicy: ${policy})`);
  const isolation = [
    rule('FORWARD', `${any} -j ${stage1}`, true),
    rule(stage1, `-i ${bridge} ! -o ${bridge} ${own} -j ${stage2}`, true),
    ...(policy === 'isolated' ? [rule(stage1, `-i ${bridge} -o ${bridge} ${own} -j DROP`, true)] : []),
    rule(stage1, `${any} -j RETURN`),
    rule(stage2, `-o ${bridge} ${any} -j DROP`, true),
    rule(stage2, `${any} -j RETURN`),
  ];
  return [
    rule('FORWARD', `${comment('CNI firewall plugin rules')} -j CNI-FORWARD`, true),
    rule('CNI-FORWARD', `${comment('CNI firewall plugin admin overrides')} -j CNI-ADMIN`, true),
    ...passingRules(addresses),
    ...(policy === 'open' ? [] : isolation),
  ];
}
