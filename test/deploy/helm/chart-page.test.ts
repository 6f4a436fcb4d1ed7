import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { blocksOf } from '../../docs/pages.ts';
import { toolPath } from '../../support/tool-path.ts';
import { ofKind, onlyOf } from '../kubernetes-object.ts';
import { configText, container, NO_VALUES, pods, speaking } from './chart-objects.ts';
import { CHART, helmWith, type Values } from './helm.ts';

const PATH = join(CHART, 'README.md');
const page = readFileSync(PATH, 'utf8');
const blocks = blocksOf({ path: PATH, text: page });
const yaml = blocks.filter(({ language }) => language === 'yaml').map(({ text }) => ({ text, value: parse(text) }));
/** The release that the page installs. */
const RELEASE = ['template', 'work-queues', CHART, '--namespace', 'monitoring'];

function objectsOf(values: Values) {
  const { stdout, stderr } = helmWith(RELEASE, values);
  expect(stderr).toBe('');
  return stdout.split(/^---$/m).flatMap((text) => parse(text) ?? []);
}

describe('the page of the chart, without the Operator', () => {
  const scrape = yaml.find(({ value }) => 'scrape_configs' in value)!;
  const [job] = scrape.value.scrape_configs;
  const objects = objectsOf({ serviceMonitor: { enabled: true } });

  it('has a scrape job that promtool takes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'scrape-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'prometheus.yml'), scrape.text);
    const { status, stdout, stderr } = spawnSync(
      toolPath('promtool-3'),
      ['check', 'config', '--syntax-only', join(folder, 'prometheus.yml')],
      { encoding: 'utf8' },
    );
    expect(status, stdout + stderr).toBe(0);
  });

  it('finds the pods of the release, at the port of the exporter, and nothing else of it', () => {
    const [discovery] = job.kubernetes_sd_configs;
    expect(discovery.namespaces.names).toEqual([onlyOf(objects, 'Service').metadata.namespace]);
    const [{ role, label }] = discovery.selectors;
    expect(role).toBe(discovery.role);
    const wanted = Object.fromEntries(label.split(',').map((pair: string) => pair.split('=')));
    expect(pods(objects).metadata.labels).toMatchObject(wanted);
    for (const { metadata } of ofKind(objects, 'Pod')) expect(metadata.labels).not.toMatchObject(wanted);
    expect(job.relabel_configs[0]).toMatchObject({ regex: container(objects).ports[0].name, action: 'keep' });
  });

  it('has the job and the interval that a ServiceMonitor would give, and rules for that job', () => {
    const [endpoint] = onlyOf(objects, 'ServiceMonitor').spec.endpoints;
    const byOperator = endpoint.relabelings.find(({ targetLabel }: { targetLabel: string }) => targetLabel === 'job');
    expect(job).toMatchObject({ job_name: byOperator.replacement, scrape_interval: endpoint.interval });
    const command = blocks.find(({ text }) => text.includes('exporter rules'))!.text;
    expect(command).toContain(`rules --job ${job.job_name} `);
  });
});

it('the page of the chart has values for OpenShift that leave users and groups to it', () => {
  const values = yaml.find(({ value }) => 'podSecurityContext' in value)!.value;
  const objects = objectsOf({ ...values, networkPolicy: { ...values.networkPolicy, enabled: true } });
  for (const { spec } of [pods(objects), onlyOf(objects, 'Pod')])
    expect(spec.securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  const [dns] = onlyOf(objects, 'NetworkPolicy').spec.egress;
  expect(dns.ports).toEqual([53, 5353].flatMap((port) => ['UDP', 'TCP'].map((protocol) => ({ port, protocol }))));
});

it('the page of the chart has the configuration of no values for IPv6, too', () => {
  const values = yaml.find(({ value }) => 'listen' in (value.config?.server ?? {}))!.value;
  const { server, ...rest } = parse(configText(objectsOf(values)));
  expect(server).toEqual({ listen: '[::]:9877' });
  expect(rest).toEqual(parse(configText(objectsOf(NO_VALUES))));
});

describe('the notes of an install', () => {
  const notesOf = (values: Values) =>
    helmWith(['install', 'work', CHART, '--dry-run=client', '--namespace', 'monitoring'], values).stdout.split(
      'NOTES:\n',
    )[1]!;

  it('name the pods as the workload selects them, the job, and the page', () => {
    const notes = notesOf({ nameOverride: 'queues', job: 'queue-job' });
    expect(notes).toContain('app.kubernetes.io/name=queues,app.kubernetes.io/instance=work\n');
    expect(notes).toContain('as the job queue-job:');
    expect(notes).toContain('rules --job=queue-job\n');
    const [, heading] = /"(.*)" in the chart's README/.exec(notes)!;
    expect(readFileSync(PATH, 'utf8')).toContain(`\n## ${heading}\n`);
  });

  it('say nothing of what is there', () => {
    const notes = notesOf('monitoring-values.yaml');
    expect(notes).not.toMatch(/Nothing scrapes|Nobody is paged/);
  });

  it.each([
    ['HTTP', 'http://127.0.0.1:9877/'],
    ['HTTPS', 'https://127.0.0.1:9877/'],
  ])('have the address of the status page over %s', (scheme, address) => {
    const notes = notesOf({ ...speaking(scheme), service: { port: 80 } });
    expect(notes).toContain(` ${address},`);
    // Not 80 here, too, which only root may listen on.
    expect(notes).toContain('svc/work-anthropic-work-exporter 9877:80\n');
  });

  const at = (base_url: string) => ({
    config: {
      api: { api_key_file: '/run/secrets/anthropic-work-exporter/api-key', base_url },
      discovery: { enabled: true },
    },
  });
  const by = (name: string, proxy: object) => ({ extraEnv: [{ name, ...proxy }] });
  const opened = (...egressPorts: number[]) => ({ networkPolicy: { enabled: true, egressPorts } });
  it.each<[values: object, port: string | null]>([
    [{}, null],
    [at('https://gw.test/x'), null],
    [at('https://gw.test:8443/x'), '8443'],
    [{ ...at('https://gw.test:8443/x'), ...opened(443, 8443) }, null],
    [at('http://gw.test'), '80'],
    [at('https://[fd00::1]'), null],
    [by('HTTPS_PROXY', { value: 'http://u:p@proxy.test:3128/' }), '3128'],
    [by('https_proxy', { value: 'proxy.test' }), '80'],
    [{ ...by('HTTPS_PROXY', { value: 'proxy.test:3128' }), ...opened(3128) }, null],
    [by('HTTPS_PROXY', { valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }), null],
    [by('HTTPS_PROXY', { value: 'http://$(PROXY_HOST):$(PROXY_PORT)' }), null],
    [by('HTTPS_PROXY', { value: 'socks5://proxy.test' }), '1080'],
    [{ ...at('http://gw.test'), ...by('HTTP_PROXY', { value: 'http://proxy.test:3128' }) }, '3128'],
    [{ ...at('http://gw.test'), ...by('HTTP_PROXY', { value: 'http://proxy.test:3128' }), ...opened(3128) }, null],
    [{ ...at('http://gw.test:8080'), ...by('HTTPS_PROXY', { value: 'http://proxy.test:3128' }) }, '8080'],
    [{ config: { connections: { a: at('https://gw.test:8443').config.api } }, ...opened(8443) }, null],
    [by('NO_PROXY', { value: 'proxy.test:3128' }), null],
    [{ ...at('https://gw.test:8443'), networkPolicy: { enabled: false } }, null],
  ])('with %j name the port that the NetworkPolicy closes: %s', (values, port) => {
    const notes = notesOf({ networkPolicy: { enabled: true }, ...values });
    expect(/keeps the exporter from port ([\d, ]+),/.exec(notes)?.[1] ?? null).toBe(port);
  });

  it.each([
    [{}, 'deploy/work-anthropic-work-exporter'],
    [{ replicas: 2 }, 'deploy/work-anthropic-work-exporter'],
    [{ shards: 2 }, 'work-anthropic-work-exporter-0'],
  ])('with %o run commands in %s', (values, pod) => {
    const commands = [...notesOf(values).matchAll(/kubectl exec --namespace monitoring (\S+) -c exporter/g)];
    expect(commands.map(([, where]) => where)).toEqual([pod, pod]);
  });
});
