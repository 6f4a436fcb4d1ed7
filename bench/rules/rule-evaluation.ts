import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderRules } from '../../src/rules/generated-rules.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/options.ts';
import { freePort, startProgram } from '../../test/alerts/alertmanager-process.ts';
import { valueAt } from '../../test/rules/support/lines.ts';
import { environment, exporter } from '../../test/rules/support/series.ts';
import type { Figure } from '../figure.ts';

const ENVIRONMENTS = 1000;
/** Long enough for two evaluations of the quick groups with all their inputs. */
const MEASURE_MS = 100_000;

const all = [
  ...exporter(),
  ...Array.from({ length: ENVIRONMENTS }, (_, index) =>
    environment({}, { id: `env_${index}`, name: `n${index}` }),
  ).flat(),
];

/** What an exporter in good health would say now. */
function exposition(): string {
  const minute = Date.now() / 60_000;
  return all
    .filter(({ name }) => name !== 'up')
    .flatMap(({ name, labels, line }) => {
      const value = valueAt(line, minute);
      const own = Object.entries(labels).filter(([label]) => label !== 'job' && label !== 'instance');
      const text = own.map(([label, one]) => `${label}=${JSON.stringify(one)}`).join(',');
      return value === null ? [] : [`${name}{${text}} ${value === Infinity ? '+Inf' : value}`];
    })
    .join('\n')
    .concat('\n');
}

/** What the rules cost: seconds that a real Prometheus takes to evaluate all groups once, for 1,000 environments. */
export async function measureRuleEvaluation(): Promise<Figure[]> {
  const server = createServer((_request, response) => response.end(exposition()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const folder = await mkdtemp(join(tmpdir(), 'rule-evaluation-'));
  await writeFile(join(folder, 'rules.yaml'), renderRules('prometheus', DEFAULT_RULE_OPTIONS));
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = {
    global: { scrape_interval: '15s' },
    rule_files: ['rules.yaml'],
    scrape_configs: [{ job_name: DEFAULT_RULE_OPTIONS.job, static_configs: [{ targets: [target] }] }],
  };
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const prometheus = await startProgram(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { url, folder },
  );
  await new Promise((resolve) => setTimeout(resolve, MEASURE_MS));
  const answer = (await (await fetch(`${url}/api/v1/rules`)).json()) as {
    data: { groups: { name: string; evaluationTime: number; rules: { lastError?: string }[] }[] };
  };
  await prometheus[Symbol.asyncDispose]();
  server.close();
  await rm(folder, { recursive: true, force: true });
  const failing = answer.data.groups.flatMap(({ rules }) => rules.filter(({ lastError }) => (lastError ?? '') !== ''));
  if (failing.length > 0) throw new Error(`${failing.length} rules fail: ${failing[0]!.lastError}`);
  const result = 1000 * answer.data.groups.reduce((sum, { evaluationTime }) => sum + evaluationTime, 0);
  return [{ what: `one evaluation of all rules for ${ENVIRONMENTS} environments`, result }];
}
