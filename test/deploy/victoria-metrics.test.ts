import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/rule.ts';
import { blocksOf, pageOf } from '../docs/pages.ts';
import { startCommand, TestProcess } from '../support/processes.ts';
import { quickRules } from '../support/quick-rules.ts';
import { LiveVictoriaMetrics } from '../support/victoria-metrics.ts';
import { waitUntil } from '../support/wait-until.ts';

const TIMEOUT_MS = 720_000;
const AGENT_JOB = 'by-remote-write';

/** Takes what Alertmanager takes, and keeps the names of the alerts. */
async function alertmanager() {
  const names = new Set<string>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    request.on('end', () => {
      for (const { labels } of JSON.parse(body) as { labels: { alertname: string } }[]) names.add(labels.alertname);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    names,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A Prometheus in agent mode with the configuration of the documentation, but for addresses, job and interval. */
function startAgent(exporter: string, receiver: string): AsyncDisposable {
  const blocks = blocksOf(pageOf('docs/operating.md'));
  const { text } = blocks.find((block) => block.text.startsWith('# prometheus-agent.yml'))!;
  const { scrape_configs, remote_write } = parse(text);
  Object.assign(scrape_configs[0], {
    job_name: AGENT_JOB,
    scrape_interval: '1s',
    static_configs: [{ targets: [new URL(exporter).host] }],
  });
  remote_write[0].url = receiver + new URL(remote_write[0].url).pathname;
  const folder = mkdtempSync(join(tmpdir(), 'agent-'));
  const config = join(folder, 'prometheus-agent.yml');
  writeFileSync(config, JSON.stringify({ scrape_configs, remote_write }));
  const process = new TestProcess('prometheus', [
    '--enable-feature=agent',
    `--config.file=${config}`,
    `--storage.agent.path=${join(folder, 'data')}`,
    '--web.listen-address=127.0.0.1:0',
  ]);
  return {
    [Symbol.asyncDispose]: async () => {
      await process[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

it('VictoriaMetrics stores every series, vmalert evaluates every rule as shipped, alerts arrive, and so does remote write', {
  timeout: TIMEOUT_MS,
}, async () => {
  using receiver = await alertmanager();
  await using demo = startCommand(['demo', '--json', '--listen', '127.0.0.1:0', '--scenario', 'steady']);
  const [line] = await demo.saw(/^\{.*\}$/m, 'stdout');
  const { exporter } = JSON.parse(line) as { exporter: string };
  await using victoria = await LiveVictoriaMetrics.start({
    scrapeConfigs: [{ job_name: DEFAULT_RULE_OPTIONS.job, static_configs: [{ targets: [new URL(exporter).host] }] }],
    // Twenty times as often, and all that goes with it: else a group may start half a minute later.
    rules: quickRules(DEFAULT_RULE_OPTIONS, 3000),
    notifier: receiver.url,
  });

  const text = await (await fetch(`${exporter}/metrics`)).text();
  const exposed = new Set(text.match(/^anthropic_work_\w+/gm));
  expect(exposed.size).toBeGreaterThan(50);
  let missing = exposed;
  await waitUntil(
    async () => {
      const stored = new Set(await victoria.names());
      missing = new Set([...exposed].filter((name) => !stored.has(name)));
      return missing.size === 0;
    },
    { what: 'all metrics to be stored', timeoutMs: TIMEOUT_MS / 3, details: () => [...missing].join(' ') },
  );
  await using _agent = startAgent(exporter, victoria.url);
  let failing = await victoria.rules();
  expect(failing.filter(({ type }) => type === 'alerting').length).toBeGreaterThan(30);
  await waitUntil(
    async () => {
      const rules = await victoria.rules();
      failing = rules.filter(({ health, lastError, lastEvaluation }) => {
        return health !== 'ok' || lastError !== '' || lastEvaluation.startsWith('0001-');
      });
      return failing.length === 0;
    },
    {
      what: 'every rule to be evaluated without an error',
      timeoutMs: TIMEOUT_MS / 3,
      details: () => JSON.stringify(failing, null, 1),
    },
  );
  await waitUntil(async () => (await victoria.count('anthropic_work_exporter:replicas')) > 0, {
    what: 'a recorded series',
    timeoutMs: TIMEOUT_MS / 3,
  });
  await waitUntil(async () => (await victoria.count(`anthropic_work_queue_depth{job="${AGENT_JOB}"}`)) === 3, {
    what: 'what the agent wrote',
    timeoutMs: TIMEOUT_MS / 3,
  });
  await waitUntil(() => receiver.names.has('AnthropicWorkWatchdog'), {
    what: 'the Watchdog',
    timeoutMs: TIMEOUT_MS / 3,
  });
});
