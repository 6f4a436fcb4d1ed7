import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { onlyOf } from '../kubernetes-object.ts';
import { CHART, helm, helmWith, VERSION } from './helm.ts';

const NAME = 'anthropic-work-exporter';

/** What a chart renders that has this one as a dependency, with these values of its own and those of a file. */
function inside(dependency: object, values: object, given: object = {}) {
  const parent = mkdtempSync(join(tmpdir(), 'parent-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const dependencies = [{ name: NAME, version: VERSION, ...dependency }];
  const chart = { apiVersion: 'v2', name: 'parent', version: '1.0.0', dependencies };
  writeFileSync(join(parent, 'Chart.yaml'), stringify(chart));
  writeFileSync(join(parent, 'values.yaml'), stringify(values));
  mkdirSync(join(parent, 'templates'));
  // Names of templates are those of all charts together.
  writeFileSync(join(parent, 'templates/_helpers.tpl'), '{{ define "exporter.fullname" }}Not_A_Name{{ end }}');
  cpSync(CHART, join(parent, 'charts', NAME), { recursive: true });
  writeFileSync(join(parent, 'given.yaml'), stringify(given));
  const { status, stdout, stderr } = helm(['template', 'work', parent, '--values', join(parent, 'given.yaml')]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return parseAllDocuments(stdout).flatMap((document) => document.toJS() ?? []);
}

it('another chart can contain this one, as its page says, under a condition and beside templates of any name', () => {
  const page = readFileSync(join(CHART, 'README.md'), 'utf8');
  const [, block] = /^```yaml\n(dependencies:[\s\S]*?)^```$/m.exec(page)!;
  const [{ name, condition }] = parse(block!).dependencies;
  expect(name).toBe(NAME);
  expect(inside({ condition }, { [NAME]: { enabled: false } })).toEqual([]);
  const objects = inside({ condition }, { [NAME]: { enabled: true, shards: 2 }, global: { region: 'eu' } });
  expect(onlyOf(objects, 'StatefulSet').metadata.name).toBe(`work-${NAME}`);
});

it('it is named by the alias of its dependency', () => {
  const objects = inside({ alias: 'queues' }, { queues: { serviceMonitor: { enabled: true } } });
  const { selector } = onlyOf(objects, 'ServiceMonitor').spec;
  const service = onlyOf(objects, 'Service');
  expect(service.metadata.name).toBe('work-queues');
  expect(service.metadata.labels).toMatchObject(selector.matchLabels);
});

it('two of them, or releases of one name in two namespaces, have the same names where its page says so', () => {
  const page = readFileSync(join(CHART, 'README.md'), 'utf8');
  const [, section = ''] = /^## Several releases\n([\s\S]*?)^## /m.exec(page)!;
  const serviceOf = (alias: string, values: object = {}) =>
    onlyOf(inside({ alias }, { [alias]: values }), 'Service').metadata.name;
  // The release is called work.
  expect(['wor', 'ork'].map((alias) => serviceOf(alias))).toEqual(['work', 'work']);
  expect(serviceOf('ork', { fullnameOverride: 'other' })).toBe('other');

  const shared = ['serviceMonitor', 'prometheusRule', 'dashboards'];
  const values = Object.fromEntries(shared.map((name) => [name, { enabled: true, namespace: 'shared' }]));
  const objectsIn = (namespace: string, more: object = {}) => {
    const { stdout } = helmWith(['template', 'work', CHART, '--namespace', namespace], { ...values, ...more });
    const objects = parseAllDocuments(stdout).flatMap((document) => document.toJS() ?? []);
    return objects.flatMap(({ kind, metadata }) => (metadata.namespace === 'shared' ? `${kind} ${metadata.name}` : []));
  };
  expect(objectsIn('a')).toEqual(objectsIn('b'));
  expect(new Set(objectsIn('a').map((object) => object.split(' ')[0]))).toHaveLength(3);
  expect(objectsIn('a').filter((object) => objectsIn('b', { fullnameOverride: 'other' }).includes(object))).toEqual([]);
  for (const name of shared) expect(section).toContain(`\`${name}.namespace\``);
  expect(section).toContain('`fullnameOverride` helps in both cases');
});

it('a default is taken away by a file of values, and not by the chart around it, as its page says', () => {
  const values = { [NAME]: { podSecurityContext: { runAsUser: null } } };
  const user = (objects: ReturnType<typeof inside>) =>
    onlyOf(objects, 'Deployment').spec.template.spec.securityContext.runAsUser;
  expect(user(inside({}, values))).toBe(1000);
  expect(user(inside({}, {}, values))).toBeUndefined();
});

it('names each of its templates after itself', () => {
  const templates = join(CHART, 'templates');
  const files = readdirSync(templates).filter((name) => name.endsWith('.tpl'));
  const defined = files.flatMap((file) => [
    ...readFileSync(join(templates, file), 'utf8').matchAll(/\{\{-? define "([^"]+)"/g),
  ]);
  expect(defined.length).toBeGreaterThan(20);
  for (const [, name] of defined) expect(name).toMatch(/^anthropic-work-exporter\.\w+$/);
});
