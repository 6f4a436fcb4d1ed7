import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { ROOT } from '../support/processes.ts';
import { LiveVictoriaMetrics } from '../support/victoria-metrics.ts';
import { waitUntil } from '../support/wait-until.ts';
import { CachedCluster } from './cached-cluster.ts';
import { Cluster } from './cluster.ts';
import { CHART, VERSION } from './helm/helm.ts';
import { RIGHT_ROWS } from './helm/right-values.ts';
import { templateTogether } from './helm/together.ts';
import { REFUSED_BY_KUBERNETES } from './helm/wrong-objects.ts';
import { type KubernetesObject, onlyOf } from './kubernetes-object.ts';
import { schemaSources } from './schemas.ts';

/** Every way in which the admission of Pod Security speaks up. */
const RESTRICTED = Object.fromEntries(
  ['enforce', 'warn', 'audit'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
);
const EVERYTHING = ['serviceMonitor', 'prometheusRule', 'dashboards', 'networkPolicy'].flatMap((name) => [
  '--set',
  `${name}.enabled=true`,
]);

const CRDS = ['podmonitors', 'prometheusrules', 'scrapeconfigs', 'servicemonitors'].map((kind) =>
  join(schemaSources('github.com/prometheus-operator/prometheus-operator'), `monitoring.coreos.com_${kind}.yaml`),
);
const CODE = [import.meta.filename, join(import.meta.dirname, 'cluster.ts')];

const cluster = new CachedCluster([...CODE, ...CRDS], async () => {
  const started = await Cluster.start();
  for (const crd of CRDS) done(started.kubectl(['apply', '--server-side', '--filename', crd]));
  const established = ['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s'];
  // It fails at once, rather than wait, for one that has no condition yet.
  await waitUntil(() => started.kubectl(established).status === 0);
  return started;
});
afterAll(() => cluster[Symbol.asyncDispose]());

/** Fails with what the program says. */
function done({ status, stderr }: { status: number | null; stderr: string }): void {
  if (status !== 0) throw new Error(stderr);
}

/** A new one for every try of a test. */
function namespace(purpose: string): string {
  return withNamespace(cluster.fresh(purpose));
}

/** Other tests may have made it, too. */
function withNamespace(name: string): string {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: RESTRICTED } };
  done(cluster.kubectl(['apply', '--filename', '-'], JSON.stringify(namespace)));
  return name;
}

/** One command of Helm that must pass without a warning. Returns what it prints. */
function helm(...args: readonly string[]): string {
  const { status, stdout, stderr } = cluster.run('helm', args);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

/** The chart as a later version would be. */
function chartOf(version: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'chart-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(CHART, folder, { recursive: true });
  const file = join(folder, 'Chart.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/^(version|appVersion): .*$/gm, `$1: ${version}`));
  return folder;
}

describe('the chart on a real API server, in a namespace that enforces `restricted`', () => {
  it(
    'is installed, upgraded to a new configuration and a new version, and rolled back, without a warning',
    cluster.test(() => {
      const place = namespace('life');
      const release = ['work', '--namespace', place];
      const notes = helm('install', ...release.slice(0, 1), CHART, ...release.slice(1), ...EVERYTHING);
      expect(notes).toContain('The pod waits for the Secret `anthropic-work-exporter`');
      const deployment = () => cluster.get('deployment', 'work-anthropic-work-exporter', place);
      const config = () => cluster.get('configmap', 'work-anthropic-work-exporter-config', place).data['exporter.yaml'];
      const first = deployment();
      expect(first.spec.template.spec.containers[0].image).toBe(`anthropic-work-exporter:${VERSION}`);
      for (const kind of ['servicemonitor', 'prometheusrule', 'networkpolicy', 'service', 'serviceaccount'])
        expect(cluster.get(kind, 'work-anthropic-work-exporter', place).metadata.uid).toMatch(/./);

      done(
        cluster.kubectl([
          'create',
          'secret',
          'generic',
          'anthropic-work-exporter',
          '--from-literal=api-key=k',
          '--namespace',
          place,
        ]),
      );
      const told = helm(
        'upgrade',
        'work',
        CHART,
        '--namespace',
        place,
        '--reuse-values',
        '--set',
        'config.environments[0].id=env_1',
        '--set',
        'config.environments[0].environment_key_file=/run/secrets/anthropic-work-exporter/env_1',
      );
      expect(told).not.toContain('The pod waits for the Secret');
      expect(config()).toContain('env_1');
      // A new configuration is read by the running exporter: the pod stays.
      expect(deployment().spec.template).toEqual(first.spec.template);

      helm('upgrade', 'work', chartOf('0.2.0'), '--namespace', place, '--reuse-values', '--set', 'replicas=2');
      expect(deployment().spec).toMatchObject({
        replicas: 2,
        template: { spec: { containers: [{ image: 'anthropic-work-exporter:0.2.0' }] } },
      });

      helm('rollback', 'work', '1', '--namespace', place);
      expect(deployment().spec.template).toEqual(first.spec.template);
      expect(deployment().spec.replicas).toBe(1);
      expect(config()).not.toContain('env_1');

      helm('uninstall', 'work', '--namespace', place);
      expect(() => deployment()).toThrow('not found');
      expect(() => cluster.get('servicemonitor', 'work-anthropic-work-exporter', place)).toThrow('not found');
    }),
  );

  it(
    'is upgraded from a version that lacked a value, with the values of the release and the defaults that are new',
    cluster.test(() => {
      const place = namespace('older');
      const older = chartOf('0.0.9');
      for (const name of ['templates/poddisruptionbudget.yaml', 'values.schema.json']) rmSync(join(older, name));
      const file = join(older, 'values.yaml');
      const values = readFileSync(file, 'utf8');
      expect(values).toMatch(/^podDisruptionBudget:\n {2}enabled: false\n/m);
      writeFileSync(file, values.replace(/^podDisruptionBudget:\n {2}enabled: false\n/m, ''));
      helm('install', 'work', older, '--namespace', place, '--set', 'replicas=2');

      const upgrade = ['upgrade', 'work', CHART, '--namespace', place];
      const { status, stderr } = cluster.run('helm', [...upgrade, '--reuse-values']);
      expect(status).not.toBe(0);
      expect(stderr).toContain('a map in which podDisruptionBudget is not empty');
      expect(stderr).toContain('--reuse-values leaves it out: use --reset-then-reuse-values');
      helm(...upgrade, '--reset-then-reuse-values');
      expect(cluster.get('deployment', 'work-anthropic-work-exporter', place).spec.replicas).toBe(2);
    }),
  );

  it(
    'goes from one exporter to three shards, to four, and back',
    { timeout: 600_000 },
    cluster.test(() => {
      const place = namespace('shards');
      const name = 'work-anthropic-work-exporter';
      const upgrade = (...values: string[]) =>
        helm('upgrade', 'work', CHART, '--namespace', place, '--reuse-values', ...values);
      const args = () => cluster.get('statefulset', name, place).spec.template.spec.containers[0].args;
      helm('install', 'work', CHART, '--namespace', place);
      expect(cluster.get('deployment', name, place).spec.replicas).toBe(1);

      upgrade('--set', 'shards=3');
      expect(() => cluster.get('deployment', name, place)).toThrow('not found');
      expect(cluster.get('statefulset', name, place).spec.replicas).toBe(3);
      expect(args()).toContain('--shard=auto/3');

      upgrade('--set', 'shards=4');
      expect(cluster.get('statefulset', name, place).spec.replicas).toBe(4);
      expect(args()).toContain('--shard=auto/4');

      helm('rollback', 'work', '1', '--namespace', place);
      expect(() => cluster.get('statefulset', name, place)).toThrow('not found');
      expect(cluster.get('deployment', name, place).spec.template.spec.containers[0].args).toHaveLength(2);
    }),
  );

  it(
    'takes a claim for its state later, and gives it up again',
    cluster.test(() => {
      const place = namespace('state');
      helm('install', 'work', CHART, '--namespace', place);
      helm('upgrade', 'work', CHART, '--namespace', place, '--set', 'persistence.enabled=true');
      expect(cluster.get('pvc', 'work-anthropic-work-exporter', place).spec.resources.requests.storage).toBe('64Mi');
      helm('upgrade', 'work', CHART, '--namespace', place, '--reset-values');
      // Nothing here ends its protection, so it stays, marked as deleted.
      expect(cluster.get('pvc', 'work-anthropic-work-exporter', place).metadata.deletionTimestamp).toMatch(/./);
    }),
  );

  it(
    'would be warned of a pod that may do more: the tests above can fail',
    cluster.test(() => {
      const place = namespace('warned');
      const { stderr } = cluster.run('helm', [
        'install',
        'work',
        CHART,
        '--namespace',
        place,
        '--set',
        'securityContext.allowPrivilegeEscalation=true',
      ]);
      expect(stderr).toMatch(/would violate PodSecurity .*allowPrivilegeEscalation != false/);
    }),
  );
});

describe('what the schema of the values takes or refuses', () => {
  /** What the API server says of the objects, which it would create; warnings are no refusal. */
  function refusedOf(values: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
    withNamespace('monitoring');
    const { status, stdout, stderr } = templateTogether(values, '--skip-schema-validation', '--skip-tests');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const apply = ['apply', '--server-side', '--dry-run=server', '--namespace', 'monitoring', '--filename', '-'];
    // Helm takes a List of the user apart, and kubectl does not on the side of the server.
    const objects = stdout.split(/^---\n/m).filter((text) => !/^kind: List$/m.test(text));
    const said = cluster.kubectl(apply, objects.join('---\n')).stderr.split('\n');
    return said.filter((line) => line !== '' && !line.startsWith('Warning:'));
  }

  it(
    'is taken: right values make objects that the server takes',
    cluster.test(() => {
      expect(refusedOf(RIGHT_ROWS.map(([, values]) => values))).toEqual([]);
    }),
  );

  it(
    'is refused: the server refuses each object that the schema does not even let it see',
    cluster.test(() => {
      const refused = refusedOf(REFUSED_BY_KUBERNETES.map(([, values]) => values)).join('\n');
      const taken = REFUSED_BY_KUBERNETES.filter(
        (_, index) => !new RegExp(`\\bwork-case-${index}\\b(?!-)`).test(refused),
      );
      expect(taken.map(([what]) => what)).toEqual([]);
    }),
  );
});

describe('a scrape without the Operator, by the page of the chart', () => {
  const page = readFileSync(join(CHART, 'README.md'), 'utf8');
  const [, block] = /^```yaml\n(scrape_configs:[\s\S]*?)^```$/m.exec(page)!;
  const [job] = parse(block!).scrape_configs;

  /** It discovers as Prometheus does; the Prometheus that the tests build cannot. */
  async function targetsIn(kubeconfig: string): Promise<readonly object[]> {
    const discovery = { ...job.kubernetes_sd_configs[0], kubeconfig_file: kubeconfig };
    await using scraper = await LiveVictoriaMetrics.start({
      scrapeConfigs: [{ ...job, kubernetes_sd_configs: [discovery] }],
      rules: 'groups: [{ name: none, rules: [{ record: one, expr: "1" }] }]',
      notifier: 'http://127.0.0.1:9',
    });
    const targets = async () => {
      const answer = await fetch(`${scraper.url}/api/v1/targets?state=active`);
      const { data } = (await answer.json()) as { data: { activeTargets: { scrapeUrl: string; labels: object }[] } };
      return data.activeTargets.map(({ scrapeUrl, labels }) => ({ scrapeUrl, ...labels }));
    };
    await waitUntil(async () => (await targets()).length >= 2, { what: 'two targets' });
    return (await targets()).toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)));
  }

  it(
    'finds each shard as a target of its own, and not the pod of helm test',
    cluster.test(async () => {
      const [place] = job.kubernetes_sd_configs[0].namespaces.names as [string];
      withNamespace(place);
      const text = helm('template', 'work-queues', CHART, '--namespace', place, '--set', 'shards=2');
      const objects = parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
      const { metadata, spec } = onlyOf(objects, 'StatefulSet').spec.template;
      // Nothing here makes the pods of a StatefulSet, nor runs them.
      const shards = [0, 1].map((index) => ({ metadata: { ...metadata, name: `shard-${index}` }, spec }));
      for (const pod of [...shards, onlyOf(objects, 'Pod')]) {
        const { name } = pod.metadata;
        const object = { apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata, spec: pod.spec };
        done(cluster.kubectl(['apply', '--namespace', place, '--filename', '-'], JSON.stringify(object)));
        const status = JSON.stringify({
          status: { phase: 'Running', podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] },
        });
        const patch = [
          'patch',
          'pod',
          name,
          '--namespace',
          place,
          '--subresource=status',
          '--type=merge',
          '--patch',
          status,
        ];
        done(cluster.kubectl(patch));
      }
      const found = await cluster.found('victoria-metrics', job, ({ env }) => targetsIn(env.KUBECONFIG!));
      const at = { job: job.job_name, scrapeUrl: 'http://127.0.0.1:9877/metrics' };
      expect(found).toEqual(['shard-0', 'shard-1'].map((pod) => expect.objectContaining({ ...at, pod })));
    }),
  );
});

describe('the overlays on a real API server, in a namespace that enforces `restricted`', () => {
  it.each([
    ['standalone', 'monitoring'],
    ['sharded', 'monitoring'],
    ['sidecar-example', 'agents'],
  ])(
    '%s is applied without a warning',
    cluster.test((overlay: string, place: string) => {
      withNamespace(place);
      const apply = () =>
        cluster.kubectl(['apply', '--server-side', '--kustomize', join(ROOT, 'deploy/kustomize', overlay)]);
      const first = apply();
      expect(first).toMatchObject({ status: 0, stderr: '' });
      expect(first.stdout).toContain('serverside-applied');
      expect(apply()).toMatchObject({ status: 0, stderr: '' });
    }),
  );
});
