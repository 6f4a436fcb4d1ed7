import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { FileReader } from '../../src/base/files/file-reader.ts';
import { configurationOf, PROD, STAGING, simulatedApi } from '../support/simulated-api.ts';
import { waitUntil } from '../support/wait-until.ts';
import { RunningApp } from './running-app.ts';

/** The machine's files, of which those in `hanging` never answer. */
function hangingFiles() {
  const hanging = new Set<string>();
  const asked = new Set<string>();
  const files: FileReader = {
    readFile: (path) => {
      if (!hanging.has(path)) return readFileSync(path);
      asked.add(path);
      return new Promise(() => {});
    },
    readdir: (path) => readdirSync(path),
  };
  return { hanging, asked, files };
}

/** An app that reads the keys of two environments from files. */
async function withKeyFiles(api: Awaited<ReturnType<typeof simulatedApi>>) {
  const { hanging, asked, files } = hangingFiles();
  const running = new RunningApp(files);
  const environments = [PROD, STAGING].map((id, index) => {
    writeFileSync(running.path(id), api.environments[index]!.environmentKey);
    return { id, environment_key_file: running.path(id) };
  });
  const configuration = configurationOf(api, { environments });
  running.configure(configuration);
  await running.serve();
  return { running, hanging, asked, configuration };
}

it('a key file that stops to answer fails the reload by its name, and reading goes on', async () => {
  await using api = await simulatedApi();
  const { running, hanging } = await withKeyFiles(api);
  await using _ = running;
  hanging.add(running.path(PROD));
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  const [{ problems }] = running.events('config.rejected') as unknown as [{ problems: string[] }];
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`file ${running.path(PROD)} does not answer: nothing was read within 10 s`);
  expect(await running.value('exporter_config_last_reload_successful')).toBe(0);
  const since = running.clock.now();
  await running.waitUntil(() => [PROD, STAGING].every((id) => running.readSince(id, 'list', since)));
  // Asked for by hand, it answers at once: the read that hangs is not begun again.
  expect(await running.reload()).toMatchObject({ status: 400 });
});

it('another key is taken over while a file does not answer, and the rest of the configuration is not', async () => {
  await using api = await simulatedApi();
  const { running, hanging } = await withKeyFiles(api);
  await using _ = running;
  hanging.add(running.path(PROD));
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  const rejected = running.events('config.rejected').length;
  writeFileSync(running.path(STAGING), `sk-ant-oat01-${'0'.repeat(40)}`);
  await running.waitUntil(() => running.events('secret.reloaded').length > 0);
  expect(running.events('config.rejected').length).toBeGreaterThan(rejected);
  expect(running.events('secret.reloaded')).toMatchObject([{ environment_id: STAGING }]);
  expect(running.events('config.loaded')).toEqual([]);
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
