import { readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { FileReader } from '../../src/base/files.ts';
import { selfSigned } from '../client/self-signed.ts';
import { configurationOf, PROD, STAGING, simulatedApi, type TestSimulator } from '../support/simulated-api.ts';
import { waitUntil } from '../support/wait-until.ts';
import { RunningApp } from './running-app.ts';

const WRONG = `sk-ant-oat01-${'0'.repeat(40)}`;
const BROKEN = '-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n';
/** Some looks at the files, every ten seconds. */
const LOOKS_MS = 35_000;

function withCertificate(running: RunningApp, api: TestSimulator, pem: string) {
  writeFileSync(running.path('ca.pem'), pem);
  const configuration = configurationOf(api);
  return { ...configuration, api: { ...configuration.api, ca_file: running.path('ca.pem') } };
}

it('takes over a configuration file that has another content, and looks at the content only', async () => {
  await using api = await simulatedApi();
  await using running = await RunningApp.start(configurationOf(api));
  running.configure(configurationOf(api));
  await running.clock.advance(25_000);
  expect(running.events('config.loaded')).toEqual([]);
  running.configure(configurationOf(api, { environments: [{ id: 'env_new' }], discovery: { enabled: true } }));
  await running.waitUntil(() => running.events('config.loaded').length > 0);
  expect(running.events('config.loaded')).toMatchObject([
    {
      ...{ added: 1, removed: 3, changed: 0, unchanged: 0 },
      notices: expect.arrayContaining([expect.stringContaining('cannot be read without environment keys')]),
    },
  ]);
});

it.each<[string, (running: RunningApp, api: TestSimulator) => object, RegExp | null]>([
  ['that is accepted', (_, api) => configurationOf(api, { poll: { stats_interval: '20s' } }), null],
  ['that is wrong', (_, api) => configurationOf(api, { poll: { stats_interval: 'soon' } }), /stats_interval/],
  ['with another shard', (_, api) => configurationOf(api, { shard: '1/2' }), /^shard: a reload cannot change 0\/1/],
  ['with a bad certificate', (running, api) => withCertificate(running, api, BROKEN), /ca\.pem has no PEM certificate/],
])('says once of a configuration %s what a reload made of it, and not at each look at the files', async (...one) => {
  const [, change, problem] = one;
  await using api = await simulatedApi();
  await using running = await RunningApp.start(configurationOf(api));
  running.configure(change(running, api));
  const { status, body } = await running.reload();
  expect(status).toBe(problem === null ? 200 : 400);
  if (problem !== null) expect(body).toMatchObject({ problems: [expect.stringMatching(problem)] });
  await running.clock.advance(LOOKS_MS);
  expect(running.log.filter(({ event }) => event === 'config.loaded' || event === 'config.rejected')).toHaveLength(1);
});

it.each<
  [string, (running: RunningApp, api: TestSimulator) => unknown, (running: RunningApp, api: TestSimulator) => void]
>([
  [
    'became wrong, when it is mended',
    () => 'environments: [',
    (running, api) => running.configure(configurationOf(api)),
  ],
  [
    'names a certificate that is broken, when that is mended',
    (running, api) => withCertificate(running, api, BROKEN),
    (running, api) => withCertificate(running, api, selfSigned().cert),
  ],
  [
    'names a file that is missing, when that appears',
    (running, api) =>
      configurationOf(api, { environments: [{ id: PROD, environment_key_file: running.path('later') }] }),
    (running, api) => writeFileSync(running.path('later'), api.environments[0]!.environmentKey),
  ],
])('takes over a configuration that %s', async (_, rejected, mend) => {
  await using api = await simulatedApi();
  await using running = await RunningApp.start(configurationOf(api));
  running.configure(rejected(running, api));
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  await running.clock.advance(LOOKS_MS);
  expect(running.events('config.rejected')).toHaveLength(1);
  expect(await running.value('exporter_config_last_reload_successful')).toBe(0);
  mend(running, api);
  await running.waitUntil(() => running.events('config.loaded').length > 0);
  expect(await running.value('exporter_config_last_reload_successful')).toBe(1);
});

/** An app whose key of prod lies behind a link, as Kubernetes mounts secrets. */
async function withLinkedKey(api: TestSimulator, key: string): Promise<RunningApp> {
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

it('uses no key that is replaced while the configuration is rejected, and takes it over with the next one', async () => {
  await using api = await simulatedApi();
  await using running = await withLinkedKey(api, WRONG);
  const right = readFileSync(running.path('config.yaml'), 'utf8');
  running.configure(right.replace('"poll"', '"pool"'));
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  swapLink(running, api.environments[0]!.environmentKey);
  await running.clock.advance(2 * LOOKS_MS);
  expect(running.readSince(PROD, 'list')).toBe(false);
  running.configure(right);
  await running.waitUntil(() => running.readSince(PROD, 'list'));
});

/** An app that reads the keys of two environments from files, of which those in `hanging` never answer. */
async function withHangingFiles(api: TestSimulator) {
  const hanging = new Set<string>();
  const asked = new Map<string, () => void>();
  const files: FileReader = {
    readFile: (path) => {
      if (!hanging.has(path)) return readFileSync(path);
      return new Promise((resolve) => asked.set(path, () => resolve(readFileSync(path))));
    },
    readdir: (path) => readdirSync(path),
  };
  const running = new RunningApp(files);
  const environments = [PROD, STAGING].map((id, index) => {
    writeFileSync(running.path(id), api.environments[index]!.environmentKey);
    return { id, environment_key_file: running.path(id) };
  });
  running.configure(configurationOf(api, { environments }));
  await running.serve();
  const hang = (name: string) => void hanging.add(running.path(name));
  const release = (name: string) => {
    hanging.delete(running.path(name));
    asked.get(running.path(name))?.();
  };
  return { running, asked, hang, release };
}

it('a key file that stops to answer fails the reload by its name, and reading goes on with the keys of before', async () => {
  await using api = await simulatedApi();
  const { running, hang, release } = await withHangingFiles(api);
  await using _ = running;
  hang(PROD);
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  const hint = `is not read while the file ${running.path(PROD)} does not answer`;
  expect(JSON.stringify(running.events('config.rejected')[0]!.problems)).toContain(hint);
  const since = running.clock.now();
  await running.waitUntil(() => [PROD, STAGING].every((id) => running.readSince(id, 'list', since)));
  // Asked for by hand, it answers at once: nothing is read.
  expect(await running.reload()).toMatchObject({ status: 400 });

  // A key that was rotated meanwhile is taken over once the disk answers again.
  writeFileSync(running.path(STAGING), WRONG);
  await running.clock.advance(20_000);
  expect(running.events('secret.reloaded')).toEqual([]);
  release(PROD);
  await running.waitUntil(() => running.events('secret.reloaded').length > 0);
  expect(running.events('secret.reloaded')).toMatchObject([{ environment_id: STAGING }]);
  expect(await running.value('exporter_config_last_reload_successful')).toBe(1);
});

it('a configuration file that does not answer fails the reload by its name, and no stop waits for it', async () => {
  await using api = await simulatedApi();
  const { running, asked, hang } = await withHangingFiles(api);
  hang('config.yaml');
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  const told = `${running.path('config.yaml')}: the configuration file does not answer: nothing was read within 10 s`;
  expect(JSON.stringify(running.events('config.rejected'))).toContain(told);
  await running[Symbol.asyncDispose]();

  const other = await withHangingFiles(api);
  other.hang('config.yaml');
  const reloading = other.running.app.reload();
  // It has begun.
  await waitUntil(() => other.asked.size > 0 && asked.size > 0);
  // No time passes on the app's clock: the stop does not wait for a deadline.
  await other.running[Symbol.asyncDispose]();
  await other.running.clock.advance(10_000);
  expect(await reloading).toMatchObject({ ok: false });
  // Nothing is wrong with the configuration.
  expect(other.running.events('config.rejected')).toEqual([]);
  expect(other.running.clock.timers).toBe(0);
});
