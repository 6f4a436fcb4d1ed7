import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startAlertmanager } from '../alerts/alertmanager-process.ts';
import { configOf } from '../config/support.ts';
import { ROOT, startCommand, TestProcess } from '../support/processes.ts';
import { LivePrometheus } from '../support/prometheus.ts';
import { waitUntil } from '../support/wait-until.ts';
import { definitionsOf } from './modules.ts';

const FOLDER = join(ROOT, 'deploy/compose');
const textOf = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const compose = parse(textOf('compose.yaml'));
const real = parse(textOf('compose.real.yaml'));

describe('the compose files', () => {
  const source = join(definitionsOf('compose'), 'compose-spec.json');
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
    JSON.parse(readFileSync(source, 'utf8')),
  );

  it.each([['compose.yaml'], ['compose.real.yaml']])('%s fits the schema of Compose', (name) => {
    validate(parse(textOf(name)));
    expect(validate.errors).toBeNull();
    expect(validate({ services: { exporter: { comand: [] } } })).toBe(false);
  });

  it('mount files that exist', () => {
    const mounts = Object.values<{ volumes?: string[] }>({ ...compose.services, real: real.services.exporter })
      .flatMap(({ volumes = [] }) => volumes)
      .map((volume) => volume.split(':')[0]!)
      .filter((path) => path.startsWith('.'));
    expect(mounts.length).toBeGreaterThan(6);
    expect(mounts.filter((path) => !existsSync(join(FOLDER, path)))).toEqual([]);
  });

  it('pin every image, and open ports to this machine alone', () => {
    const services = Object.values<{ image: string; ports: string[] }>(compose.services);
    for (const { image, ports } of services) {
      expect(image).toMatch(/:v?\d+/);
      expect(ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+:\d+$/)]);
    }
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(compose.services.exporter.image).toBe(`anthropic-work-exporter:${version}`);
  });

  it('give the boards and the data source to Grafana where it looks for them', () => {
    const { environment, volumes } = compose.services.grafana;
    const provider = parse(
      readFileSync(join(ROOT, 'grafana/provisioning/dashboards/anthropic-work-exporter.yaml'), 'utf8'),
    );
    expect(volumes).toContain(`../../grafana:${provider.providers[0].options.path}:ro`);
    const source = readFileSync(join(ROOT, 'grafana/provisioning/datasources/prometheus.yaml'), 'utf8');
    expect(source).toContain('$PROMETHEUS_URL');
    expect(new URL(environment.PROMETHEUS_URL).host).toBe('prometheus:9090');
    expect(environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH).toContain(
      `${provider.providers[0].options.path}/anthropic-work-overview.json`,
    );
  });

  it('with a key, run a configuration that the exporter takes, with the key from a file', async () => {
    const [name] = real.services.exporter.secrets;
    const [, keys] = real.services.exporter.volumes.map((volume: string) => volume.split(':')[1]);
    const files = { [`/run/secrets/${name}`]: 'a-key', [`${keys}/env_1`]: 'a-key-of-one' };
    const config = await configOf(textOf('exporter.yaml'), { files });
    expect(config).toMatchObject({
      connections: [{ apiKey: {} }],
      discovery: { enabled: true, environmentKeysDir: keys },
    });
  });
});

describe('the parts together, from the same files', () => {
  it('an alert goes from the demo through Prometheus and Alertmanager to the receiver', async () => {
    await using stack = new AsyncDisposableStack();
    const [, , ...scenario] = compose.services.exporter.command.slice(1) as string[];
    const demo = stack.use(startCommand(['demo', '--json', '--listen', '127.0.0.1:0', ...scenario]));
    const exporter = JSON.parse((await demo.saw(/^\{.*\}$/m, 'stdout'))[0]).exporter as string;

    const receiver = stack.use(
      new TestProcess(process.execPath, [join(FOLDER, 'receiver.mjs')], { env: { PORT: '0', HOST: '127.0.0.1' } }),
    );
    const port = (await receiver.saw(/^receiver: port ([1-9]\d*)$/m))[1]!;
    const routing = textOf('alertmanager.yml').replaceAll('receiver:8080', `127.0.0.1:${port}`);
    const alertmanager = stack.use(await startAlertmanager(routing));

    const configuration = textOf('prometheus.yml')
      .replace('/etc/prometheus/rules/*.yaml', join(ROOT, 'alerts/anthropic-work-exporter.rules.yaml'))
      .replace('alertmanager:9093', new URL(alertmanager.url).host)
      .replace('exporter:9877', new URL(exporter).host);
    const prometheus = stack.use(await LivePrometheus.start({ configuration }));
    await receiver.saw(/ dead-mans-switch firing none AnthropicWorkWatchdog /, 'stdout');
    const page = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();
    expect(await page()).toContain('AnthropicWorkWatchdog');
    const up = 'up{job="anthropic-work-exporter"} == 1';
    await waitUntil(async () => (await prometheus.query(up)).length === 1);
  });
});
