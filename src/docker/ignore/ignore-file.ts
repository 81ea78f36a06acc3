import { cleanPath, trimSpace } from './clean-path.ts';

/**
 * The patterns of a `.dockerignore`, in order: comments (a `#` in the first column) and empty lines left out, white
 * space trimmed, paths cleaned, a leading slash dropped (the context is the root), `!` kept in front.
 */
export function readIgnoreFile(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  return lines.flatMap((line) => {
    if (line.startsWith('#')) return [];
    const pattern = trimSpace(line);
    if (pattern === '') return [];
    return pattern.startsWith('!') ? [`!${relative(trimSpace(pattern.slice(1)))}`] : [relative(pattern)];
  });
}

function relative(pattern: string): string {
  if (pattern === '') return '';
  const cleaned = cleanPath(pattern);
  return cleaned.length > 1 && cleaned.startsWith('/') ? cleaned.slice(1) : cleaned;
}
