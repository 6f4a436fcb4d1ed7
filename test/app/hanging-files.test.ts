import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { FileReader } from '../../src/base/files.ts';
import { configurationOf, PROD, STAGING, simulatedApi } from '../support/simulated-api.ts';
import { waitUntil } from '../support/wait-until.ts';
import { RunningApp } from './running-app.ts';

/** The machine's files, of which those in `hanging` never answer. */
function hangingFiles() {
  const hanging = new Set<string>();
  const asked = new Map<string, () => void>();
  const files: FileReader = {
    readFile: (path) => {
      if (!hanging.has(path)) return readFileSync(path);
      return new Promise((resolve) => asked.set(path, () => resolve(readFileSync(path))));
    },
    readdir: (path) => readdirSync(path),
  };
  const release = (path: string) => {
    hanging.delete(path);
    asked.get(path)?.();
  };
  return { hanging, asked, files, release };
}

/** An app that reads the keys of two environments from files. */
async function withKeyFiles(api: Awaited<ReturnType<typeof simulatedApi>>) {
  const { hanging, asked, files, release } = hangingFiles();
  const running = new RunningApp(files);
  const environments = [PROD, STAGING].map((id, index) => {
    writeFileSync(running.path(id), api.environments[index]!.environmentKey);
    return { id, environment_key_file: running.path(id) };
  });
  const configuration = configurationOf(api, { environments });
  running.configure(configuration);
  await running.serve();
  return { running, hanging, asked, release, configuration };
}

it('a key file that stops to answer fails the reload by its name, and reading goes on with the keys of before', async () => {
  await using api = await simulatedApi();
  const { running, hanging, release } = await withKeyFiles(api);
  await using _ = running;
  hanging.add(running.path(PROD));
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  const [{ problems }] = running.events('config.rejected') as unknown as [{ problems: string[] }];
  expect(problems.join()).toContain(`is not read while the file ${running.path(PROD)} does not answer`);
  expect(await running.value('exporter_config_last_reload_successful')).toBe(0);
  const since = running.clock.now();
  await running.waitUntil(() => [PROD, STAGING].every((id) => running.readSince(id, 'list', since)));
  // Asked for by hand, it answers at once: nothing is read.
  expect(await running.reload()).toMatchObject({ status: 400 });

  // A key that was rotated meanwhile is taken over once the disk answers again.
  writeFileSync(running.path(STAGING), `sk-ant-oat01-${'0'.repeat(40)}`);
  await running.clock.advance(20_000);
  expect(running.events('secret.reloaded')).toEqual([]);
  release(running.path(PROD));
  await running.waitUntil(() => running.events('secret.reloaded').length > 0);
  expect(running.events('secret.reloaded')).toMatchObject([{ environment_id: STAGING }]);
  expect(await running.value('exporter_config_last_reload_successful')).toBe(1);
});

it('a configuration file that does not answer fails the reload by its name', async () => {
  await using api = await simulatedApi();
  const { running, hanging } = await withKeyFiles(api);
  await using _ = running;
  hanging.add(running.path('config.yaml'));
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  expect(JSON.stringify(running.events('config.rejected')[0])).toContain(
    `${running.path('config.yaml')}: the configuration file does not answer: nothing was read within 10 s`,
  );
});

it('stops while a file does not answer', async () => {
  await using api = await simulatedApi();
  const { running, hanging, asked } = await withKeyFiles(api);
  hanging.add(running.path(PROD));
  hanging.add(running.path('config.yaml'));
  const reloading = running.app.reload();
  // It has begun.
  await waitUntil(() => asked.size > 0);
  // No time passes on the app's clock: the stop does not wait for a deadline.
  await running[Symbol.asyncDispose]();
  await running.clock.advance(10_000);
  expect(await reloading).toMatchObject({ ok: false });
  // Nothing is wrong with the configuration.
  expect(running.events('config.rejected')).toEqual([]);
  expect(running.clock.timers).toBe(0);
});
