import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCKERFILE = join(import.meta.dirname, '..', 'Dockerfile');

/**
 * The variables of memory with which the image and the systemd unit start the program: what is measured is what runs.
 */
export function shippedSettings(): Readonly<Record<string, string>> {
  const text = readFileSync(DOCKERFILE, 'utf8');
  const settingOf = (name: string, pattern: RegExp) => {
    const value = pattern.exec(text)?.[1];
    if (value === undefined) throw new Error(`the Dockerfile sets no ${name}`);
    return value;
  };
  const names = ['NODE_OPTIONS', 'MALLOC_ARENA_MAX'];
  return Object.fromEntries(names.map((name) => [name, settingOf(name, new RegExp(`\\b${name}=(\\S+)`))]));
}
