import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCKERFILE = join(import.meta.dirname, '..', 'Dockerfile');

/** The settings of memory under which the image and the systemd unit run the program: what is measured is what runs. */
export function shippedSettings(): Readonly<Record<string, string>> {
  const text = readFileSync(DOCKERFILE, 'utf8');
  return Object.fromEntries(
    ['NODE_OPTIONS', 'MALLOC_ARENA_MAX'].map((name) => {
      const value = new RegExp(`\\b${name}=(\\S+)`).exec(text)?.[1];
      if (value === undefined) throw new Error(`the Dockerfile sets no ${name}`);
      return [name, value];
    }),
  );
}
