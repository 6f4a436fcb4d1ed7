import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { configurationOf, simulatedApi } from '../support/simulated-api.ts';
import { OLD } from './rotated-keys.ts';
import { RunningApp } from './running-app.ts';

type Right = ReturnType<typeof withKeysIn>;
function withKeysIn(
  directory: string,
  { simulator, interval }: { readonly simulator: Parameters<typeof configurationOf>[0]; readonly interval: string },
) {
  const discovery = { enabled: true, environment_keys_dir: directory, interval };
  return { ...configurationOf(simulator), environments: [], discovery };
}

type World = { readonly id: string; readonly running: RunningApp };

/** What is rejected, and whether a discovered environment may use the first key that appears for it meanwhile. */
const REJECTED: Readonly<Record<string, readonly [change: (right: Right, world: World) => unknown, used: boolean]>> = {
  'an unknown option': [(right) => ({ ...right, intervals: {} }), true],
  'no YAML': [() => 'environments: [', true],
  'discovery cannot be understood': [(right) => ({ ...right, discovery: 'on' }), true],
  'another environment without its key': [
    (right, { running }) => ({
      ...right,
      environments: [{ id: 'env_other', environment_key_file: running.path('nowhere') }],
    }),
    true,
  ],
  'discovery is off': [(right) => ({ ...right, discovery: { enabled: false }, intervals: {} }), false],
  'keys have another directory': [
    (right, { running }) => {
      const discovery = { ...right.discovery, environment_keys_dir: running.folder };
      return { ...right, discovery, intervals: {} };
    },
    false,
  ],
  'the connection has another address': [
    (right) => {
      const api = { ...right.api, base_url: 'http://127.0.0.1:9' };
      return { ...right, api, intervals: {} };
    },
    false,
  ],
  'the environment has its key in the configuration': [
    (right, { id }) => ({ ...right, environments: [{ id, environment_key: OLD.a }], intervals: {} }),
    false,
  ],
};

it.each(Object.entries(REJECTED))(
  'the first key of a discovered environment appears while the configuration is rejected: %s',
  async (_, [change, used]) => {
    await using simulator = await simulatedApi({ environments: 2 });
    await using running = new RunningApp();
    const keys = running.path('keys');
    const [one, other] = simulator.environments;
    const { id, environmentKey } = one!;
    mkdirSync(keys);
    // Each discovery reads the directory by itself: it must not read what may not be used, and what may must not wait for it.
    const right = withKeysIn(keys, { simulator, interval: used ? '1h' : '1m' });
    running.configure(right);
    await running.serve();
    await running.waitUntil(() => running.readSince(id, 'stats') && running.readSince(other!.id, 'stats'));
    const changed = change(right, { id, running });
    running.configure(changed);
    await running.waitUntil(() => running.events('config.rejected').length > 0);
    writeFileSync(join(keys, id), `${environmentKey}\n`);
    const since = running.clock.now();
    const isTold = () => running.events('secret.reloaded').length > 0;
    await running.waitUntil(() => running.clock.now() - since > 90_000);
    expect(running.readSince(id, 'list', since)).toBe(used);
    expect(isTold()).toBe(used);
    expect(running.readSince(other!.id, 'list')).toBe(false);
    running.configure(right);
    await running.waitUntil(() => running.events('config.loaded').length > 0);
    await running.waitUntil(() => running.readSince(id, 'list', running.clock.now() - 20_000));
  },
);
