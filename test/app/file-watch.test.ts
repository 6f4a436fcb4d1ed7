import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { configurationOf, PROD, simulatedApi } from '../support/simulated-api.ts';
import { RunningApp } from './running-app.ts';

const WRONG = `sk-ant-oat01-${'0'.repeat(40)}`;

it('takes over a configuration file that has another content, and looks at the content only', async () => {
  await using api = await simulatedApi();
  await using running = await RunningApp.start(configurationOf(api));
  running.configure(configurationOf(api));
  await running.clock.advance(25_000);
  expect(running.events('config.loaded')).toEqual([]);

  running.configure(configurationOf(api, { environments: [{ id: 'env_new' }] }));
  await running.waitUntil(() => running.events('config.loaded').length > 0);
  expect(running.events('config.loaded')).toMatchObject([{ added: 1, removed: 3, changed: 0, unchanged: 0 }]);
});

it.each([
  ['config.loaded', 'one that is accepted', { poll: { stats_interval: '20s' } }],
  ['config.rejected', 'one that is rejected', { poll: { stats_interval: 'soon' } }],
])(
  '%s once for %s by a reload that was asked for: the next look at the files finds nothing new',
  async (event, _, change) => {
    await using api = await simulatedApi();
    await using running = await RunningApp.start(configurationOf(api));
    running.configure(configurationOf(api, change));
    await running.reload();
    await running.clock.advance(60_000);
    expect(running.events(event)).toHaveLength(1);
  },
);

it('says what of a new configuration may not be meant', async () => {
  await using api = await simulatedApi();
  await using running = await RunningApp.start(configurationOf(api));
  running.configure(configurationOf(api, { discovery: { enabled: true } }));
  await running.waitUntil(() => running.events('config.loaded').length > 0);
  expect(running.events('config.loaded')).toMatchObject([
    { notices: expect.arrayContaining([expect.stringContaining('cannot be read without environment keys')]) },
  ]);
});

it('says once that the file became wrong, and takes over what mends it', async () => {
  await using api = await simulatedApi();
  await using running = await RunningApp.start(configurationOf(api));
  running.configure('environments: [');
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  await running.clock.advance(60_000);
  expect(running.events('config.rejected')).toHaveLength(1);
  expect(await running.value('exporter_config_last_reload_successful')).toBe(0);

  running.configure(configurationOf(api));
  await running.waitUntil(() => running.events('config.loaded').length > 0);
  expect(await running.value('exporter_config_last_reload_successful')).toBe(1);
});

/** An app whose key of prod lies behind a link, as Kubernetes mounts secrets. */
async function withLinkedKey(api: Awaited<ReturnType<typeof simulatedApi>>, key: string): Promise<RunningApp> {
  const running = new RunningApp();
  writeFileSync(running.path('first'), key);
  symlinkSync(running.path('first'), running.path('key'));
  const environments = [{ id: PROD, name: 'prod', environment_key_file: running.path('key') }];
  running.configure(configurationOf(api, { environments }));
  await running.serve();
  return running;
}

/** Lets the link point at another file, in one step. */
function swapLink(running: RunningApp, key: string): void {
  writeFileSync(running.path('second'), `${key}\n`);
  symlinkSync(running.path('second'), running.path('key.new'));
  renameSync(running.path('key.new'), running.path('key'));
}

it('takes over a key whose link points elsewhere', async () => {
  await using api = await simulatedApi();
  await using running = await withLinkedKey(api, WRONG);
  await running.waitUntil(() => running.events('credential.rejected').length > 0);
  swapLink(running, api.environments[0]!.environmentKey);
  await running.waitUntil(() => running.readSince(PROD, 'list'));
  expect(running.events('secret.reloaded')).toMatchObject([{ environment_id: PROD }]);
  expect(running.events('credential.accepted')).toHaveLength(1);
});

it('looks at the key files at once when the API refuses a key', async () => {
  await using api = await simulatedApi();
  await using running = await withLinkedKey(api, api.environments[0]!.environmentKey);
  await running.waitUntil(() => running.readSince(PROD, 'list') && running.readSince(PROD, 'stats'));
  // Just after a look, so that the next one in turn is far away.
  await running.waitUntil(() => running.clock.monotonic() > 10_500);
  const looked = running.clock.monotonic();
  swapLink(running, WRONG);
  api.setFaults([{ kind: 'revoked', count: 1, environments: [PROD] }]);
  await running.waitUntil(() => running.events('secret.reloaded').length > 0);
  expect(running.clock.monotonic() - looked).toBeLessThan(9000);
});

it('keeps a key whose file cannot be read for a while', async () => {
  await using api = await simulatedApi();
  const key = api.environments[0]!.environmentKey;
  await using running = await withLinkedKey(api, key);
  await running.waitUntil(() => running.readSince(PROD, 'list'));
  rmSync(running.path('key'));
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  const since = running.clock.now();
  await running.waitUntil(() => running.readSince(PROD, 'list', since));
  swapLink(running, key);
  await running.waitUntil(() => running.events('config.loaded').length > 0);
  expect(running.events('config.loaded')).toMatchObject([{ unchanged: 1 }]);
});

it('comes back when a file that a rejected configuration named appears', async () => {
  await using api = await simulatedApi();
  await using running = await RunningApp.start(configurationOf(api));
  const environments = [{ id: PROD, environment_key_file: running.path('later') }];
  running.configure(configurationOf(api, { environments }));
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  writeFileSync(running.path('later'), api.environments[0]!.environmentKey);
  await running.waitUntil(() => running.events('config.loaded').length > 0);
});
