import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { renderRules } from '../../src/rules/generated-rules.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/options.ts';
import { SOURCE_MAIN, startCommand } from '../support/processes.ts';
import { LiveVictoriaMetrics } from '../support/victoria-metrics.ts';
import { waitUntil } from '../support/wait-until.ts';

const TIMEOUT_MS = 120_000;

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

it('VictoriaMetrics stores every series, vmalert evaluates every rule as shipped, and the alerts arrive', {
  timeout: TIMEOUT_MS,
}, async () => {
  using receiver = await alertmanager();
  await using demo = startCommand(SOURCE_MAIN, ['demo', '--json', '--listen', '127.0.0.1:0', '--scenario', 'steady']);
  const [line] = await demo.saw(/^\{.*\}$/m, 'stdout');
  const { exporter } = JSON.parse(line) as { exporter: string };
  await using victoria = await LiveVictoriaMetrics.start({
    scrapeConfigs: [{ job_name: DEFAULT_RULE_OPTIONS.job, static_configs: [{ targets: [new URL(exporter).host] }] }],
    // Twenty times as often, and all that goes with it: else a group may start half a minute later.
    rules: renderRules('prometheus', { ...DEFAULT_RULE_OPTIONS, timeScale: 1 / 20 }),
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
  await waitUntil(
    async () => (await victoria.rules()).every(({ lastEvaluation }) => !lastEvaluation.startsWith('0001-')),
    { what: 'every rule to be evaluated', timeoutMs: TIMEOUT_MS / 3 },
  );
  const rules = await victoria.rules();
  expect(rules.filter(({ type }) => type === 'alerting').length).toBeGreaterThan(30);
  expect(rules.filter(({ health, lastError }) => health !== 'ok' || lastError !== '')).toEqual([]);
  await waitUntil(async () => (await victoria.count('environment:anthropic_work_queue_waiting:max')) === 3, {
    what: 'a recorded series for each environment',
    timeoutMs: TIMEOUT_MS / 3,
  });
  await waitUntil(() => receiver.names.has('AnthropicWorkWatchdog'), {
    what: 'the Watchdog',
    timeoutMs: TIMEOUT_MS / 3,
  });
});
