/** `a=1,b=2`, sorted: the Labels column of lists. */
export function joinLabels(labels: Readonly<Record<string, string>> | null | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}

const prefixes = ['nerdctl/', 'containerd.io/', 'io.containerd.image.config.'];

/** The labels that docker's views show: without those that nerdctl and containerd keep for themselves. */
export function visibleLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const hidden = (key: string): boolean => prefixes.some((prefix) => key.startsWith(prefix));
  return Object.fromEntries(
    Object.entries(labels)
      .filter(([key]) => !hidden(key))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
