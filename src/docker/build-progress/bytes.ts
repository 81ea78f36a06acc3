import { formatFixed } from '../values/float.ts';

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];

/** 1000-based with two places, whole bytes without: `512B`, `1.23kB`. */
export function progressBytes(bytes: number): string {
  let unit = 0;
  let base = 1;
  while (Math.abs(bytes) >= base * 1000) {
    base *= 1000;
    unit++;
  }
  return unit === 0 ? `${bytes}B` : `${formatFixed(bytes / base, 2)}${units[unit]}`;
}

/** `1.05MB / 3.20MB`, `1.05MB` of something unknown, or nothing. */
export function transferredBytes({ current, total }: { current: number; total: number }): string {
  if (total !== 0) return `${progressBytes(current)} / ${progressBytes(total)}`;
  return current === 0 ? '' : progressBytes(current);
}
