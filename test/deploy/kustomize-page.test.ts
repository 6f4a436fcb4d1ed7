import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { ROOT } from '../support/processes.ts';
import { type KubernetesObject, ofKind, onlyOf } from './kubernetes-object.ts';
import { kustomized } from './kustomize.ts';
import { SHIPPED_FOLDERS } from './shipped-files.ts';

const KUSTOMIZE = join(ROOT, 'deploy/kustomize');
const text = readFileSync(join(KUSTOMIZE, 'README.md'), 'utf8');
const blocks = [...text.matchAll(/^ {3}```(\w+)\n([\s\S]*?)^ {3}```$/gm)].map(([, language, block]) => ({
  language,
  text: block!.replaceAll(/^ {3}/gm, ''),
}));

const overlayOfPage = blocks.find(({ language }) => language === 'yaml')!.text;
/** With what the page says to uncomment. */
const configured = overlayOfPage.replace(/^# (?=configMapGenerator)[\s\S]*/m, (rest) => rest.replaceAll(/^# /gm, ''));

/** The overlay of the page, built beside the repository's, and what it replaces as it is. */
function built(overlay: string, configuration: string | null = null): readonly KubernetesObject[] {
  const folder = mkdtempSync(join(tmpdir(), 'overlay-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const part of SHIPPED_FOLDERS) symlinkSync(join(ROOT, part), join(folder, part));
  mkdirSync(join(folder, 'mine'));
  writeFileSync(join(folder, 'mine/kustomization.yaml'), overlay);
  if (configuration !== null) writeFileSync(join(folder, 'mine/exporter.yaml'), configuration);
  return parseAllDocuments(kustomized(join(folder, 'mine'), folder)).map(
    (document) => document.toJS() as KubernetesObject,
  );
}

it('the page of the overlays has every folder', () => {
  const folders = readdirSync(KUSTOMIZE, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const rows = [...text.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
  expect(rows.toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
});

it('its overlay builds as it is copied, with the configuration of the base', () => {
  const { data } = ofKind(built(overlayOfPage), 'ConfigMap').find(({ data }) => 'exporter.yaml' in data)!;
  expect(data).toEqual({ 'exporter.yaml': readFileSync(join(KUSTOMIZE, 'base/exporter.yaml'), 'utf8') });
});

it('its overlay changes the image, the configuration and the labels, and nothing that selects', () => {
  const objects = built(configured, 'discovery: { enabled: true }\n');
  const { spec } = onlyOf(objects, 'Deployment');
  expect(spec.template.spec.containers[0].image).toMatch(/^REGISTRY\/anthropic-work-exporter:\d/);
  const configuration = ofKind(objects, 'ConfigMap').find(({ data }) => 'exporter.yaml' in data)!;
  expect(configuration.data).toEqual({ 'exporter.yaml': 'discovery: { enabled: true }\n' });
  expect(spec.template.spec.volumes).toContainEqual({
    name: 'config',
    configMap: { name: configuration.metadata.name },
  });
  for (const kind of ['PodMonitor', 'PrometheusRule'])
    expect(onlyOf(objects, kind).metadata.labels).toMatchObject({ release: 'kube-prometheus-stack' });
  expect(spec.selector.matchLabels).not.toHaveProperty('release');
  expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['monitoring']));
});

it('its configuration for IPv6 is that of the base, and listens on every address', () => {
  const [, file = ''] = /## IPv6[\s\S]*?```yaml\n([\s\S]*?)^```$/m.exec(text)!;
  const { server, ...rest } = parse(file);
  expect(server).toEqual({ listen: '[::]:9877' });
  expect(rest).toEqual(parse(readFileSync(join(KUSTOMIZE, 'base/exporter.yaml'), 'utf8')));
  const objects = built(configured, file);
  const { containers } = onlyOf(objects, 'Deployment').spec.template.spec;
  expect(containers[0].ports).toMatchObject([{ containerPort: Number(server.listen.split(':').at(-1)) }]);
});

it('it applies server-side, for a board that is larger than an annotation may be', () => {
  const command = blocks.find((block) => block.text.includes('kubectl apply'))!.text;
  expect(command).toContain('kubectl apply --server-side --kustomize ');
  const objects = built('resources: [../deploy/kustomize/standalone]\n');
  const sizes = objects.map((object) => JSON.stringify(object).length);
  expect(Math.max(...sizes)).toBeGreaterThan(256 * 1024);
});

it('its Secret has the name and the entry that the configuration of the base reads', () => {
  const command = blocks.find((block) => block.text.includes('create secret'))!.text;
  const [, name, entry] = /secret generic (\S+) [\s\S]*--from-file=([\w-]+)=\.\/api-key/.exec(command)!;
  expect(readFileSync(join(KUSTOMIZE, 'base/exporter.yaml'), 'utf8')).toContain(`/run/secrets/${name}/${entry}\n`);
  const { template } = onlyOf(built('resources: [../deploy/kustomize/base]\n'), 'Deployment').spec;
  const secrets = template.spec.volumes.flatMap(({ secret }: { secret?: object }) => secret ?? []);
  expect(secrets).toMatchObject([{ secretName: name }]);
});

it.each([
  ['standalone', 'Deployment', 'deploy/'],
  ['sharded', 'StatefulSet', 'statefulset/'],
])('its commands find the workload of %s', (overlay, kind, prefix) => {
  const workload = onlyOf(built(`resources: [../deploy/kustomize/${overlay}]\n`), kind);
  const { replicas, template } = workload.spec;
  expect(text).toContain(`${prefix}${workload.metadata.name}`);
  const shard = template.spec.containers[0].args.find((argument: string) => argument.startsWith('--shard='));
  if (kind === 'Deployment') expect(shard).toBeUndefined();
  else expect(text).toContain(`\`pod/${workload.metadata.name}-0\` and so on, with \`${shard}\``);
  expect(shard ?? '--shard=auto/1').toBe(`--shard=auto/${replicas}`);
});

it('it says what to delete first where another overlay has another kind of workload, which `apply` would leave running', () => {
  const kinds = ['standalone', 'sharded'].map((overlay) => {
    const objects = built(`resources: [../deploy/kustomize/${overlay}]\n`);
    return objects.find(({ spec }) => spec?.template !== undefined)!;
  });
  expect(new Set(kinds.map(({ kind }) => kind)).size).toBe(2);
  const [, first, second] = /`kubectl delete --namespace monitoring (\S+)`, or\s+`(\S+)`/.exec(
    text.slice(text.indexOf('deletes nothing')),
  )!;
  const asKubectl = ({ kind, metadata }: KubernetesObject) =>
    `${kind.toLowerCase().replace('deployment', 'deploy')}/${metadata.name}`;
  expect([first, second]).toEqual(kinds.map(asKubectl));
});

it('its patch for another namespace gives the ScrapeConfig the address of the Service there', () => {
  const [, patches = ''] = /```yaml\n(patches:[\s\S]*?)^```$/m.exec(text)!;
  const overlay = (rest: string) => `namespace: queues\nresources: [../deploy/kustomize/scrape-config]\n${rest}`;
  const target = (rest: string) => onlyOf(built(overlay(rest)), 'ScrapeConfig').spec.staticConfigs[0].targets[0];
  const { name, namespace } = onlyOf(built(overlay('')), 'Service').metadata;
  // Without it, the address stays: the page is right to ask for the patch.
  expect(target('')).toBe(`${name}.monitoring.svc:9877`);
  expect(target(patches.replace('NAMESPACE', 'queues'))).toBe(`${name}.${namespace}.svc:9877`);
});

it('the page of the runbooks names the container of a sidecar', () => {
  const { spec } = onlyOf(built('resources: [../deploy/kustomize/sidecar-example]\n'), 'Deployment').spec.template;
  const { name } = spec.initContainers.find(({ args }: { args?: string[] }) => args?.includes('serve'));
  const page = readFileSync(join(ROOT, 'alerts/runbooks/README.md'), 'utf8');
  expect(page).toContain(`\`-c ${name}\` before \`--\``);
});
