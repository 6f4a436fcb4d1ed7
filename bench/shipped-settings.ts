import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCKERFILE = join(import.meta.dirname, '..', 'Dockerfile');

/** How a program is started. */
export interface StartSettings {
  readonly env: Readonly<Record<string, string>>;
  /** Flags of Node. */
  readonly flags: readonly string[];
}

/** The settings of memory under which the image and the systemd unit run the program: what is measured is what runs. */
export function shippedSettings(): StartSettings {
  const text = readFileSync(DOCKERFILE, 'utf8');
  const settingOf = (name: string, pattern: RegExp) => {
    const value = pattern.exec(text)?.[1];
    if (value === undefined) throw new Error(`the Dockerfile sets no ${name}`);
    return value;
  };
  const names = ['NODE_OPTIONS', 'MALLOC_ARENA_MAX'];
  const command: string[] = JSON.parse(settingOf('ENTRYPOINT', /^ENTRYPOINT (.*)$/m));
  return {
    env: Object.fromEntries(names.map((name) => [name, settingOf(name, new RegExp(`\\b${name}=(\\S+)`))])),
    flags: command.filter((word) => word.startsWith('--')),
  };
}
