import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { selfSigned } from '../client/self-signed.ts';
import { configurationOf, simulatedApi, type TestSimulator } from '../support/simulated-api.ts';
import { apiWithKeys, configurationIn, NEW, OLD, readAgain, withKeysInFiles, writeKeys } from './rotated-keys.ts';
import { RunningApp } from './running-app.ts';

/** Some looks at the files, every ten seconds. */
const LOOKS_MS = 35_000;

const BROKEN = '-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n';

function withCertificate(running: RunningApp, api: TestSimulator, pem: string) {
  writeFileSync(running.path('ca.pem'), pem);
  const configuration = configurationOf(api);
  return { ...configuration, api: { ...configuration.api, ca_file: running.path('ca.pem') } };
}

it.each<[string, (running: RunningApp, api: TestSimulator) => object, RegExp]>([
  [
    'with another shard',
    (_, api) => configurationOf(api, { shard: '1/2' }),
    /^shard: a reload cannot change 0\/1 to 1\/2; restart the exporter$/,
  ],
  [
    'with a certificate that cannot be read',
    (running, api) => withCertificate(running, api, BROKEN),
    /api\.ca_file: file .*ca\.pem has no PEM certificate, or one that cannot be read; /,
  ],
])('tells once, and not at each look at the files, of a valid configuration %s', async (_, change, problem) => {
  await using api = await simulatedApi({ environments: 1 });
  await using running = await RunningApp.start(configurationOf(api));
  running.configure(change(running, api));
  const answer = await running.reload();
  expect(answer).toMatchObject({ status: 400, body: { problems: [expect.stringMatching(problem)] } });
  await running.clock.advance(LOOKS_MS);
  expect(running.events('config.rejected')).toHaveLength(1);
});

it('tries a valid configuration again when a file changes that kept it from taking effect', async () => {
  await using api = await simulatedApi({ environments: 1 });
  await using running = await RunningApp.start(configurationOf(api));
  running.configure(withCertificate(running, api, BROKEN));
  expect((await running.reload()).status).toBe(400);
  await running.clock.advance(LOOKS_MS);
  withCertificate(running, api, selfSigned().cert);
  await running.waitUntil(() => running.events('config.loaded').length > 0);
  expect(await running.value('exporter_config_last_reload_successful')).toBe(1);
});

it('uses no key that is replaced while the configuration is rejected, and each once it is accepted', async () => {
  await using server = await apiWithKeys();
  await using running = await withKeysInFiles(server.url);
  const right = configurationIn(running, server.url);
  running.configure({ ...right, api: { ...right.api, base_url: 'http://127.0.0.1:9' }, intervals: {} });
  await running.waitUntil(() => running.events('config.rejected').length > 0);
  writeKeys(running, NEW);
  await running.clock.advance(LOOKS_MS);
  server.seen.clear();
  await running.clock.advance(LOOKS_MS);
  await running.waitUntil(() => server.seen.size === 3);
  expect([...server.seen].sort()).toEqual(Object.values(OLD).sort());
  server.take(NEW);
  running.configure(right);
  await readAgain(running);
  expect(await running.value('exporter_config_last_reload_successful')).toBe(1);
});
