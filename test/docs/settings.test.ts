import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadProgram } from '../../src/cli/program.ts';
import { OPTIONS } from '../../src/config/option-tree.ts';
import { ROOT } from '../support/processes.ts';
import { SILENT_IO } from '../support/silent-io.ts';
import { blocksOf, PAGES, type Page } from './pages.ts';

/** Options by their path, without the names that users choose, and by every part of it: `queue_age.warning`. */
const options = new Set<string>();
const variables = new Set<string>();
for (const { path, option } of OPTIONS) {
  const steps = path.replaceAll(/\[\]|\*\./g, '').split('.');
  for (let from = 0; from < steps.length; from++)
    for (let to = from + 1; to <= steps.length; to++) options.add(steps.slice(from, to).join('.'));
  if (option.env !== undefined) variables.add(option.env);
}
/** Where a path begins when it is written in full. */
const roots = new Set([...options].filter((path) => path.includes('.')).map((path) => path.split('.')[0]!));

const program = await loadProgram(SILENT_IO, ['--help']);
const flags = new Set(
  ['--help', '--version'].concat(program.commands.flatMap((one) => one.options.map(({ long }) => long ?? ''))),
);
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join(ROOT, 'src', path), 'utf8'))
  .join('\n');
const events = new Set([...sources.matchAll(/\bevent: '([a-z_.]+)'/g)].map(([, name]) => name!));

/** Settings of other programs, and fields that pages show with a value. */
const FOREIGN_SETTINGS = new Set([
  'data',
  'event',
  'grafana_dashboard',
  'group_by',
  'honor_labels',
  'job',
  'paging',
  'replicas',
  'scheme',
  'scrape_timeout',
  'send_resolved',
  'continue',
]);
const page = (path: string): Page => ({ path, text: readFileSync(join(ROOT, path), 'utf8') });
const RUNBOOKS = readdirSync(join(ROOT, 'alerts/runbooks'))
  .filter((name) => name !== 'README.md')
  .map((name) => page(`alerts/runbooks/${name}`));
const DEPLOYMENT = readdirSync(join(ROOT, 'deploy'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => page(`deploy/${name}`));

const spans = (text: string) =>
  [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!);

/** The spans that are written as an option, with its path or with a value, and are none. */
function notOptions(text: string): readonly string[] {
  return spans(text).filter((span) => {
    // In the values of the chart, the configuration of the exporter stands below `config`.
    const [, path, value] = /^(?:config\.)?([a-z_]+(?:\.[a-z_]+)*)(: \S.*)?$/.exec(span) ?? [];
    if (
      path === undefined ||
      options.has(path) ||
      path === 'connections.default' ||
      events.has(path) ||
      FOREIGN_SETTINGS.has(path)
    )
      return false;
    return value !== undefined || (path.includes('.') && roots.has(path.split('.')[0]!));
  });
}

describe.each([...PAGES, ...RUNBOOKS, ...DEPLOYMENT])('$path', ({ path, text }) => {
  it('names only options that exist', () => {
    // A scenario has a schema of its own.
    if (path !== 'docs/simulator.md') expect(notOptions(text)).toEqual([]);
  });

  it('names only flags and variables that exist', () => {
    const named = spans(text).flatMap((span) => /^(--[a-z-]+)(?: [A-Z:]+)?$/.exec(span)?.[1] ?? []);
    // A flag of npm.
    expect(named.filter((flag) => !flags.has(flag) && flag !== '--ignore-scripts')).toEqual([]);
    const own = [text, ...blocksOf({ path, text }).map((block) => block.text)].flatMap(
      (one) => one.match(/\bANTHROPIC_WORK_EXPORTER_[A-Z_]+/g) ?? [],
    );
    const known = (name: string) => variables.has(name) || sources.includes(`env.${name}`);
    expect(own.filter((name) => !known(name))).toEqual([]);
  });
});

it('an option that does not exist is found, and one that does passes', () => {
  expect(notOptions('`sharding: 0/1` `poll.enabled` `server.listen` `log.level: debug` `config.loaded`')).toEqual([
    'sharding: 0/1',
    'poll.enabled',
  ]);
});
