import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { ROOT } from '../../support/processes.ts';
import { type KubernetesObject, ofKind, onlyOf } from '../kubernetes-object.ts';
import { configText, container, ENVIRONMENT, NO_VALUES, pods } from './chart-objects.ts';
import { CHART, helmWith, rendered, type Values, VERSION } from './helm.ts';

/** A volume of the user. */
const ELSEWHERE = {
  extraVolumes: [{ name: 'mine', emptyDir: {} }],
  extraVolumeMounts: [{ name: 'mine', mountPath: '/elsewhere' }],
};

describe('single values', () => {
  it('the scheme is that of the probes and of the scrape', () => {
    const objects = rendered('locked-down-values.yaml');
    const [endpoint] = onlyOf(objects, 'ServiceMonitor').spec.endpoints;
    expect(container(objects).livenessProbe.httpGet.scheme).toBe('HTTPS');
    expect(endpoint).toMatchObject({
      scheme: 'https',
      tlsConfig: { serverName: 'exporter' },
      basicAuth: { username: { key: 'user' } },
    });
    const plain = rendered({ serviceMonitor: { enabled: true } });
    expect(onlyOf(plain, 'ServiceMonitor').spec.endpoints[0]).toMatchObject({ scheme: 'http' });
    expect(container(plain).readinessProbe.httpGet.scheme).toBe('HTTP');
  });

  it.each<readonly [string, Values, string]>([
    ['the tag', { image: { tag: '1.2.3' } }, 'anthropic-work-exporter:1.2.3'],
    [
      'the digest, which wins',
      { image: { tag: '1', digest: `sha256:${'a'.repeat(64)}` } },
      `anthropic-work-exporter@sha256:${'a'.repeat(64)}`,
    ],
    ['nothing', NO_VALUES, `anthropic-work-exporter:${VERSION}`],
  ])('the image follows %s', (_, values, image) => {
    expect(container(rendered(values)).image).toBe(image);
  });

  it('a default below a member of Kubernetes is taken away by null', () => {
    const objects = rendered({ podSecurityContext: { seccompProfile: null }, securityContext: { capabilities: null } });
    expect(pods(objects).spec.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
    });
    expect(container(objects).securityContext).not.toHaveProperty('capabilities');
  });

  it('null takes away a member of the ServiceMonitor, which has no place for it', () => {
    const relabelings = [{ action: null, sourceLabels: ['a'], targetLabel: 'b', modulus: null }];
    const basicAuth = { username: null, password: null };
    const objects = rendered({ serviceMonitor: { enabled: true, relabelings, basicAuth, tlsConfig: null } });
    const [endpoint] = onlyOf(objects, 'ServiceMonitor').spec.endpoints;
    expect(endpoint.relabelings[1]).toEqual({ sourceLabels: ['a'], targetLabel: 'b' });
    for (const name of ['basicAuth', 'tlsConfig']) expect(endpoint).not.toHaveProperty(name);
  });

  it('a member that is newer than the chart is refused, and passed on where Helm is told to leave the schema out', () => {
    const values = { securityContext: { newerThanThis: { level: 7 } } };
    const command = ['template', 'work', CHART, '--namespace', 'monitoring'];
    expect(helmWith(command, values)).toMatchObject({ status: 1, stderr: expect.stringContaining('newerThanThis') });
    const { status, stdout } = helmWith([...command, '--skip-schema-validation'], values);
    expect(status).toBe(0);
    const objects = parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject);
    expect(container(objects).securityContext).toMatchObject({ newerThanThis: { level: 7 } });
    // What the templates check by themselves is checked all the same.
    expect(helmWith([...command, '--skip-schema-validation'], { ...values, scheme: 'HTTPS' }).stderr).toContain(
      'would speak HTTP',
    );
  });

  it.each<readonly [string, Values, string]>([
    ['the group of the chart', NO_VALUES, '440'],
    ['another group', { podSecurityContext: { fsGroup: 0 } }, '440'],
    ['no group', { podSecurityContext: { fsGroup: null } }, '444'],
    ['nothing that the pod is given', { podSecurityContext: null }, '444'],
  ])('the process of the pod can read its keys with %s', (_, values, mode) => {
    const { volumes } = pods(rendered(values)).spec;
    const { defaultMode } = volumes.find(({ secret }: { secret?: object }) => secret !== undefined).secret;
    // Octal to Kubernetes, which reads YAML 1.1.
    expect(String(defaultMode)).toBe(mode);
  });

  it('the state file goes to the claim, unless the user says where', () => {
    const objects = rendered({ persistence: { enabled: true } });
    const { state_file } = parse(configText(objects));
    expect(state_file).toBe('/var/lib/anthropic-work-exporter/state.json');
    expect(container(objects).volumeMounts).toContainEqual({
      name: 'state',
      mountPath: '/var/lib/anthropic-work-exporter',
    });
    const claim = onlyOf(objects, 'PersistentVolumeClaim').metadata.name;
    expect(pods(objects).spec.volumes).toContainEqual({ name: 'state', persistentVolumeClaim: { claimName: claim } });
    const config = { environments: [ENVIRONMENT], state_file: '/elsewhere/state' };
    const own = rendered({ persistence: { enabled: true }, config, ...ELSEWHERE });
    expect(parse(configText(own)).state_file).toBe('/elsewhere/state');
  });

  const AT_THE_START: Readonly<Record<string, object>> = {
    'server.listen': { server: { listen: '[::]:9877' } },
    state_file: { state_file: '/elsewhere/state' },
    log: { log: { level: 'debug' } },
  };

  it.each([
    ...Object.entries(AT_THE_START).map(([name, more]) => [name, more, true] as const),
    ['another option', { poll: { stats_interval: '20s' } }, false],
    ['another option of the server', { server: { item_ids: false } }, false],
  ] as const)('a change of %s replaces the pod only where a reload would not do', (_, more, isReplaced) => {
    const values = { ...ELSEWHERE, podAnnotations: { team: 'a' } };
    const environments = [ENVIRONMENT];
    const before = pods(rendered({ ...values, config: { environments } })).metadata.annotations;
    const after = pods(rendered({ ...values, config: { environments, ...more } })).metadata.annotations;
    expect(before).toEqual({ team: 'a' });
    expect(after).toMatchObject(before);
    expect(Object.keys(after).length).toBe(isReplaced ? 2 : 1);
  });

  it('the options that replace the pod are those of which the page says so', () => {
    const page = readFileSync(join(ROOT, 'docs/operating.md'), 'utf8');
    const [, row] = /^\| (.*) \| at the next start; the log names/m.exec(page)!;
    expect([...row!.matchAll(/`([^`]+)`/g)].map(([, name]) => name)).toEqual(Object.keys(AT_THE_START));
  });

  it('the address of Grafana reaches the exporter, unless its configuration has another', () => {
    const address = (values: object) =>
      parse(configText(rendered({ links: { dashboardBaseUrl: 'https://g.test' }, ...values }))).server;
    expect(address({})).toEqual({ dashboard_base_url: 'https://g.test' });
    expect(address({ config: { environments: [ENVIRONMENT], server: { item_ids: false } } })).toEqual({
      item_ids: false,
      dashboard_base_url: 'https://g.test',
    });
    expect(address({ config: { environments: [ENVIRONMENT], server: { dashboard_base_url: null } } })).toEqual({
      dashboard_base_url: null,
    });
  });

  it('the network policy lets in the scrape and lets out DNS and the API', () => {
    const { spec } = onlyOf(rendered('locked-down-values.yaml'), 'NetworkPolicy');
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(spec.ingress).toMatchObject([{ ports: [{ port: 'http' }], from: [{ podSelector: {} }] }]);
    expect(spec.egress).toMatchObject([
      {
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
        ],
      },
      { ports: [{ port: 443 }, { port: 3128 }], to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] },
    ]);
  });

  it('the network policy lets nothing out where no port is left', () => {
    const closed = rendered({ networkPolicy: { enabled: true, dnsPorts: [], egressPorts: [] } });
    expect(onlyOf(closed, 'NetworkPolicy').spec.egress).toEqual([]);
  });

  it('a drain takes one pod of a pair', () => {
    const objects = rendered('pair-values.yaml');
    const { maxUnavailable, selector } = onlyOf(objects, 'PodDisruptionBudget').spec;
    expect(maxUnavailable).toBe(1);
    expect(pods(objects).metadata.labels).toMatchObject(selector.matchLabels);
    expect(ofKind(rendered(NO_VALUES), 'PodDisruptionBudget')).toEqual([]);
  });

  it.each([
    ['nothing', {}, { 'app.kubernetes.io/instance': 'work', 'app.kubernetes.io/name': 'anthropic-work-exporter' }],
    ['no selector', { labelSelector: null }, { 'app.kubernetes.io/instance': 'work' }],
    ['its own selector', { labelSelector: { matchLabels: { a: 'b' } } }, { a: 'b' }],
  ])('a spread that names %s is over the pods of the release, unless it names others', (_, more, matchLabels) => {
    const constraint = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' };
    const objects = rendered({ replicas: 2, topologySpreadConstraints: [{ ...constraint, ...more }] });
    const [spread] = pods(objects).spec.topologySpreadConstraints;
    expect(spread).toMatchObject({ ...constraint, labelSelector: { matchLabels } });
    if (!('labelSelector' in more && more.labelSelector))
      expect(pods(objects).metadata.labels).toMatchObject(spread.labelSelector.matchLabels);
  });

  it('extra objects are templates, as maps and as text', () => {
    const maps = ofKind(rendered('everything-else-values.yaml'), 'ConfigMap');
    expect(maps.find(({ metadata }) => metadata.name === 'work-queues-more')?.data).toEqual({
      namespace: 'monitoring',
    });
    expect(maps.find(({ metadata }) => metadata.name === 'as-text')?.data).toEqual({ job: 'monitoring/work-queues' });
  });

  it('labels of the user are added, and replace none that selects', () => {
    const { labels } = pods(rendered('everything-else-values.yaml')).metadata;
    expect(labels).toMatchObject({ team: 'platform', mesh: 'off', 'app.kubernetes.io/name': 'queues' });
  });

  it('the notes of an install tell the next step', () => {
    const { stdout, stderr } = helmWith(
      ['install', 'work', CHART, '--dry-run=client', '--namespace', 'monitoring'],
      NO_VALUES,
    );
    const notes = stdout.split('NOTES:\n')[1];
    expect(notes, stderr).toContain(
      'kubectl create secret generic anthropic-work-exporter --namespace monitoring --from-file=api-key=./api-key',
    );
    expect(notes).toContain('deploy/work-anthropic-work-exporter -c exporter -- node dist/main.cjs check --live');
    expect(notes).toContain('image.repository');
    expect(notes).toContain('serviceMonitor.enabled=true');
    expect(notes).toContain('prometheusRule.enabled=true');
  });
});
