import type { Rule, WantedRule } from './rules.ts';

/** @param text the output of iptables-save */
export function parseRules(text: string): Rule[] {
  return inTables(text, /^-A (\S+)\s?(.*)$/).map(({ table, words: [chain = '', rest = ''] }) => ({
    table,
    chain,
    text: rest,
  }));
}

/** `TABLE CHAIN` of those that exist. */
const parseChains = (text: string): string[] =>
  inTables(text, /^:(\S+)/).map(({ table, words: [chain] }) => `${table} ${chain}`);

function inTables(text: string, line: RegExp): { table: string; words: (string | undefined)[] }[] {
  let table = '';
  return text.split('\n').flatMap((entry) => {
    if (entry.startsWith('*')) table = entry.slice(1).trim();
    const match = line.exec(entry);
    return match ? [{ table, words: match.slice(1) }] : [];
  });
}

/** What tells the shared rules of one chain apart, in the words of every iptables: interfaces, addresses, target. */
export function ruleKey({ table, chain, text }: Rule): string {
  const words = [...text.matchAll(/(?<=^| )(?:! )?-[iosdj] \S+/g)].map(([word]) => word);
  return [table, chain, ...words.sort()].join(' ');
}

/**
 * Input of `iptables-restore --noflush`; empty where nothing changes.
 * @param saved what iptables-save printed
 * @param doomed the rules to be removed, with the chains of the plugins that only they lead to
 * @param wanted the rules to be there, after that; those that are there stay where they are
 */
export function ruleScript(saved: string, doomed: (rule: Rule) => boolean, wanted: readonly WantedRule[] = []): string {
  const rules = parseRules(saved);
  const removed = rules.filter(doomed);
  const ended = new Set(
    removed.flatMap(({ table, text }) => {
      const chain = /-j (CNI-(?:DN-|SN-)?[0-9a-f]{20,})/.exec(text)?.[1];
      return chain === undefined ? [] : [`${table} ${chain}`];
    }),
  );
  const chains = new Set(parseChains(saved).filter((chain) => !ended.has(chain)));
  const stays = (rule: Rule) => !removed.includes(rule) && !ended.has(`${rule.table} ${rule.chain}`);
  const kept = new Set(rules.filter(stays).map(ruleKey));
  const missing = wanted.filter((rule) => !kept.has(ruleKey(rule)));
  const needed = missing.flatMap(({ table, chain, text }) => {
    const target = / -j (CNI-\S+)/.exec(` ${text}`)?.[1];
    return [chain, ...(target === undefined ? [] : [target])].map((name) => `${table} ${name}`);
  });
  // Never by `:CHAIN`, which would empty one that somebody else has made meanwhile.
  const made = [...new Set(needed)].filter((chain) => / CNI-/.test(chain) && !chains.has(chain));
  return [...new Set([...removed, ...missing].map(({ table }) => table))]
    .map((table) => {
      const here = <T extends { table: string }>(list: readonly T[]) => list.filter((rule) => rule.table === table);
      const named = (list: Iterable<string>) =>
        [...list].flatMap((chain) => (chain.startsWith(`${table} `) ? [chain.slice(table.length + 1)] : []));
      return [
        `*${table}`,
        ...here(removed).map(({ chain, text }) => `-D ${chain} ${text}`),
        ...named(ended).flatMap((chain) => [`-F ${chain}`, `-X ${chain}`]),
        ...named(made).map((chain) => `-N ${chain}`),
        ...here(missing).map(({ chain, text, first }) => (first ? `-I ${chain} 1 ${text}` : `-A ${chain} ${text}`)),
        'COMMIT',
        '',
      ].join('\n');
    })
    .join('');
}
