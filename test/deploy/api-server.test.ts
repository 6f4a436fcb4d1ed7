import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../cli/run-cli.ts';
import { ROOT } from '../support/processes.ts';
import { waitUntil } from '../support/wait-until.ts';
import { Cluster } from './cluster.ts';
import { definitionsOf } from './modules.ts';
import { CHART, OVERLAYS, template, VALUE_SETS, VERSION } from './objects.ts';

/** Every way in which the admission of Pod Security speaks up. */
const RESTRICTED = Object.fromEntries(
  ['enforce', 'warn', 'audit'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
);
const PARTS = ['serviceMonitor', 'prometheusRule', 'dashboards', 'networkPolicy'];
const EVERYTHING = PARTS.flatMap((name) => ['--set', `${name}.enabled=true`]);
const NAME = 'work-anthropic-work-exporter';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
  for (const folder of [definitionsOf('operator'), definitionsOf('keda')])
    done(cluster.kubectl(['apply', '--server-side', '--filename', folder]));
  // It fails at once, rather than wait, for one that has no condition yet.
  const established = ['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s'];
  await waitUntil(() => cluster.kubectl(established).status === 0);
}, 600_000);
afterAll(() => cluster?.[Symbol.asyncDispose]());

/** Fails with what the program says, and at a warning. */
function done({ status, stdout, stderr }: { status: number | null; stdout: string; stderr: string }): string {
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

function namespace(name: string): string {
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: RESTRICTED } };
  done(cluster.kubectl(['apply', '--filename', '-'], JSON.stringify(object)));
  return name;
}

const helm = (...args: readonly string[]) => done(cluster.run('helm', args));

it('the chart is installed, changed and rolled back without a warning where `restricted` is enforced', () => {
  const place = ['--namespace', namespace('life')];
  const deployment = () => cluster.get('deployment', NAME, 'life');
  const notes = helm('install', 'work', CHART, ...place, ...EVERYTHING);
  expect(notes).toContain('The pod waits for the Secret `anthropic-work-exporter`');
  const first = deployment();
  expect(first.spec.template.spec.containers[0].image).toBe(`anthropic-work-exporter:${VERSION}`);
  for (const kind of ['servicemonitor', 'prometheusrule', 'networkpolicy', 'service', 'serviceaccount'])
    expect(cluster.get(kind, NAME, 'life').metadata.uid).toMatch(/./);

  const secret = ['create', 'secret', 'generic', 'anthropic-work-exporter', '--from-literal=api-key=k', ...place];
  done(cluster.kubectl(secret));
  const environment = 'config.environments[0].id=env_1,config.environments[0].environment_key_file=/keys/env_1';
  const told = helm('upgrade', 'work', CHART, ...place, '--reuse-values', '--set', environment);
  expect(told).not.toContain('The pod waits for the Secret');
  expect(cluster.get('configmap', `${NAME}-config`, 'life').data['exporter.yaml']).toContain('env_1');
  // A new configuration is read by the running exporter: the pod stays.
  expect(deployment().spec.template).toEqual(first.spec.template);

  helm('upgrade', 'work', CHART, ...place, '--reuse-values', '--set', 'replicas=2');
  expect(deployment().spec.replicas).toBe(2);
  helm('rollback', 'work', '1', ...place);
  expect(deployment().spec).toEqual(first.spec);
  helm('uninstall', 'work', ...place);
  expect(() => deployment()).toThrow('not found');
}, 600_000);

it('the chart goes from one exporter to three shards and back, and to a claim for its state', () => {
  const place = ['--namespace', namespace('shards')];
  helm('install', 'work', CHART, ...place);
  helm('upgrade', 'work', CHART, ...place, '--set', 'shards=3');
  expect(() => cluster.get('deployment', NAME, 'shards')).toThrow('not found');
  expect(cluster.get('statefulset', NAME, 'shards').spec.replicas).toBe(3);
  helm('rollback', 'work', '1', ...place);
  expect(() => cluster.get('statefulset', NAME, 'shards')).toThrow('not found');
  helm('upgrade', 'work', CHART, ...place, '--set', 'persistence.enabled=true');
  expect(cluster.get('pvc', NAME, 'shards').spec.resources.requests.storage).toBe('64Mi');
}, 600_000);

it('a pod that may do more would be warned of: the tests above can fail', () => {
  const args = ['--namespace', namespace('warned'), '--set', 'securityContext.allowPrivilegeEscalation=true'];
  const { stderr } = cluster.run('helm', ['install', 'work', CHART, ...args]);
  expect(stderr).toMatch(/would violate PodSecurity .*allowPrivilegeEscalation != false/);
});

it('the command of the page shows what Kubernetes refuses, and takes what is right', () => {
  const place = ['--namespace', namespace('asked')];
  const page = readFileSync(join(CHART, 'README.md'), 'utf8');
  const [, options] = /\| kubectl apply --namespace monitoring (.*)$/m.exec(page)!;
  const apply = (...values: readonly string[]) =>
    cluster.kubectl(['apply', ...place, ...options!.split(' ')], helm('template', 'work', CHART, ...place, ...values));
  expect(apply()).toMatchObject({ status: 0, stderr: '' });
  const misspelt = apply('--set', 'securityContext.readOnlyRootFileSystem=true');
  expect(misspelt.status).not.toBe(0);
  expect(misspelt.stderr).toContain('readOnlyRootFileSystem');
});

describe('takes every object that we ship, without a warning', () => {
  const apply = ['apply', '--server-side', '--dry-run=server', '--validate=strict'];
  const takes = (...args: readonly string[]) => done(cluster.kubectl([...apply, ...args]));
  const takesText = (text: string) => done(cluster.kubectl([...apply, '--filename', '-'], text));

  it.each(VALUE_SETS)('the chart with %s', (_, values) => {
    for (const name of ['monitoring', 'grafana']) namespace(name);
    takesText(template(values).stdout);
  });

  it.each(OVERLAYS)('the overlay %s', (name) => {
    const place = namespace(name === 'sidecar-example' ? 'agents' : 'monitoring');
    const own = name === 'base' ? ['--namespace', place] : [];
    takes(...own, '--kustomize', join(ROOT, 'deploy/kustomize', name));
  });

  it.each(['alerts', 'grafana'])('kubectl apply -k %s', (folder) => void takes('--kustomize', join(ROOT, folder)));

  it.each(['rules --format kubernetes', 'dashboards --format configmap'])('the command %s', async (command) => {
    takesText((await runCli(command.split(' '))).stdout);
  });

  it.each(['keda-metrics-api.yaml', 'keda-prometheus.yaml', 'hpa.yaml'])('deploy/autoscaling/%s', (name) => {
    takes('--filename', join(ROOT, 'deploy/autoscaling', name));
  });
});
