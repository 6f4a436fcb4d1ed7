import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { nodeFiles } from '../../src/base/files.ts';
import { loadWebConfig } from '../../src/config/web.ts';
import { configOf } from '../config/support.ts';
import { Pki } from '../support/pki.ts';
import { blocksOf, PAGES } from './pages.ts';

const yaml = PAGES.flatMap((page) =>
  blocksOf(page)
    .filter(({ language }) => language === 'yaml')
    .map(({ text }) => ({ path: page.path, text, keys: Object.keys(parse(text) as object) })),
);
/** Configurations of an OpenTelemetry Collector hold one of Prometheus. */
const collectors = yaml.filter(({ keys }) => keys.includes('receivers'));
const scrapes = [
  ...yaml.filter(({ keys }) => keys.includes('scrape_configs')),
  ...collectors.map(({ path, text }) => ({ path, text: stringify(parse(text).receivers.prometheus.config) })),
];
const webFiles = yaml.filter(({ keys }) => keys.includes('tls_server_config'));
// test/alerts/working-hours.test.ts tries it.
const ofAlertmanager = yaml.filter(({ keys }) => keys.includes('time_intervals'));
// test/rehearse plays them.
const scenarios = yaml.filter(({ path }) => path === 'docs/simulator.md');
const foreign = new Set(
  [...scrapes, ...webFiles, ...collectors, ...ofAlertmanager, ...scenarios].map(({ text }) => text),
);
const configurations = yaml.filter(({ text }) => !foreign.has(text));

/** Every file that an example names holds a key, or nothing. Paths are relative to the configuration. */
const SECRETS = Object.fromEntries([
  ['/etc/exporter/web-config.yml', ''],
  ['/run/secrets/environment-keys/env_1', 'a-key'],
  ...yaml.flatMap(({ text }) =>
    [...text.matchAll(/_key_file: ([\w/-]+)/g)].map(([, path]) => [resolve('/etc/exporter', path!), 'a-key']),
  ),
]);
/** What an excerpt leaves out: a connection that may read everything. */
const REST = 'api: {api_key: a-key}\n';

describe('examples of the configuration', () => {
  it('stand in README.md and on the pages about it', () => {
    const pages = new Set(configurations.map(({ path }) => path));
    expect([...pages]).toEqual(expect.arrayContaining(['README.md', 'docs/configuration.md', 'docs/alerting.md']));
  });

  it.each(configurations)('one of $path loads', async ({ text, keys }) => {
    const whole = keys.includes('api') || keys.includes('connections') ? text : `${REST}${text}`;
    const { environments, discovery } = await configOf(whole, { files: SECRETS });
    expect(discovery.enabled || environments.length > 0).toBe(true);
  });

  it('README.md: the whole configuration needs nothing else, and each operation has its key', async () => {
    const example = configurations.find(({ path }) => path === 'README.md')!;
    const { connections, environments } = await configOf(example.text, { files: SECRETS });
    expect(connections).toMatchObject([{ provider: 'anthropic', apiKey: {} }]);
    expect(environments).toMatchObject([{ environment: { name: 'prod' }, environmentKey: {} }]);
  });
});

describe('examples for Prometheus', () => {
  it('stand in README.md and docs/alerting.md', () => {
    expect(scrapes.map(({ path }) => path)).toEqual(expect.arrayContaining(['README.md', 'docs/alerting.md']));
  });

  it.each(scrapes)(
    'one of $path passes promtool, under the job of the rules, or as a probe under another',
    ({ text }) => {
      const folder = mkdtempSync(join(tmpdir(), 'examples-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const file = join(folder, 'prometheus.yml');
      writeFileSync(file, text);
      // Whether a rule file lies beside it is not the question.
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', '--syntax-only', file], {
        encoding: 'utf8',
      });
      expect(`${stdout}${stderr}`).not.toContain('FAILED');
      expect(status).toBe(0);
      const job = text.includes('/api/v1/sd') ? 'anthropic-work-probe' : 'anthropic-work-exporter';
      expect(parse(text)).toMatchObject({ scrape_configs: [{ job_name: job }] });
    },
  );
});

describe('examples of the web configuration file', () => {
  it.each(webFiles)('one of $path loads, with the certificates that it names', async ({ text }) => {
    using pki = new Pki();
    pki.server();
    const path = pki.write('web-config.yml', text);
    const { security, problems } = await loadWebConfig(path, { files: nodeFiles, read: new Set() });
    expect(problems).toEqual([]);
    expect(security.tls).not.toBeNull();
    expect(security.users).not.toEqual([]);
  });
});
