import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadProgram } from '../../src/cli/program.ts';
import { OPTIONS } from '../../src/config/options.ts';
import { METRIC_NAMES } from '../../src/metrics/catalogue.ts';
import { createRoutes } from '../../src/server/routes.ts';
import { serverDeps } from '../support/http-server.ts';
import { ROOT } from '../support/processes.ts';
import { ALERT_NAMES } from '../support/rule-texts.ts';
import { describeSeries } from '../support/series.ts';
import { SILENT_IO } from '../support/silent.ts';
import { codeLines, PAGES, type Page, pageOf } from './pages.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const pagesBelow = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
const pagesOf = (...paths: readonly string[]) => paths.map((path) => ({ path, text: read(path) }));
const INDEX = 'alerts/runbooks/README.md';
/** Beside the pages, those that are read where something is run. */
const OPERATED = pagesOf(...pagesBelow('alerts/runbooks').filter((path) => path !== INDEX), ...pagesBelow('deploy'));

const spans = ({ text }: Page) =>
  [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!);

/** The anchor of a heading, as GitHub makes it. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '');
  return words.replaceAll(' ', '-');
}

/** Whether `path#anchor` names a file of the checkout and, where there is an anchor, a heading in it. */
function resolves(path: string, anchor: string | undefined): boolean {
  if (!existsSync(join(ROOT, path))) return false;
  if (anchor === undefined) return true;
  // A comment in a block of shell or YAML looks like a heading.
  const text = read(path).replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/^#+ (.*)$/gm)].some((match) => anchorOf(match[1]!) === anchor);
}

function deadLinks({ path, text }: Page): readonly string[] {
  const targets = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map((match) => match[1]!);
  return targets.filter((target) => {
    const [file, anchor] = target.split('#') as [string, string | undefined];
    return !resolves(file === '' ? path : join(dirname(path), file), anchor);
  });
}

function missingFiles(page: Page): readonly string[] {
  const paths = codeLines(page).flatMap(
    (line) => line.match(/^(?:src|test|alerts|grafana|docs|bench|scripts)\/[\w./*-]*$/g) ?? [],
  );
  // A star stands for several files: its folder has to be there.
  const isThere = (path: string) => existsSync(join(ROOT, path.includes('*') ? dirname(path) : path));
  return paths.filter((path) => !path.includes('NAME') && !isThere(path));
}

const series = new Set<string>([...METRIC_NAMES, ...describeSeries().map((one) => one.series)]);

function unknownSignals({ text }: Page): readonly string[] {
  const metrics = text.match(/(?<![\w:])anthropic_work_[a-z_]*[a-z]\b(?!\*|_)/g) ?? [];
  const alerts = text.match(/\bAnthropicWork[A-Z]\w+/g) ?? [];
  const isAlert = (name: string) => (ALERT_NAMES as readonly string[]).includes(name);
  return [...metrics.filter((name) => !series.has(name)), ...alerts.filter((name) => !isAlert(name))];
}

const routes = createRoutes(serverDeps([]), () => false);

/** The paths of the exporter that are set as code, each with its methods; those of the API begin with /v1. */
function pathsOf(page: Page): readonly { readonly method: string; readonly url: string }[] {
  return codeLines(page).flatMap((line) => {
    const match = /^(?:(GET|POST|DELETE) )?(\/(?:|metrics|probe|-\/[\w-]+|api\/v1\/[^\s`]*))$/.exec(line);
    if (match === null) return [];
    const [, method = /reload|drill/.test(match[2]!) ? 'POST' : 'GET', path] = match;
    // `/a[/{id}]` are two routes.
    const urls = path!.includes('[') ? [path!.replace(/\[.*\]/, ''), path!.replaceAll(/[[\]]/g, '')] : [path!];
    return urls.map((url) => ({ method, url: url.replaceAll(/\{(\w+)\}/g, ':$1') }));
  });
}

const program = await loadProgram(SILENT_IO, ['--help']);
const commands = new Map(program.commands.map((command) => [command.name(), command]));
const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
/** What npm itself does with these is no script of ours. */
const NPM_COMMANDS = ['audit', 'ci', 'install', 'test', 'version', 'pack', 'publish'];
/** The four ways to call the command, and what follows up to the end of the command. */
const CALL =
  /(?:(?<![/\w-])anthropic-work-exporter|npm run --silent cli --|npm run (demo) --) +((?:[\w-]+|--[\w-]+)[^|>&;]*)/g;

const callsOf = (line: string) =>
  [...line.matchAll(CALL)].map(([call, demo, rest]) => {
    const words = rest!.trim().split(/\s+/);
    return { call, words, command: commands.get(demo ?? (words[0]!.startsWith('-') ? 'serve' : words[0]!)) };
  });

function wrongCalls(page: Page): readonly string[] {
  return codeLines(page).flatMap((line) => {
    const named = [...line.matchAll(/\bnpm (?:run (?:--silent )?)?([a-z][\w:-]*)/g)].map((match) => match[1]!);
    const calls = callsOf(line).filter(({ command, words }) => {
      const known = ['--help', ...(command?.options ?? []).map(({ long }) => long)];
      return command === undefined || words.some((word) => word.startsWith('--') && !known.includes(word));
    });
    return [
      ...named.filter((script) => !(script in scripts) && !NPM_COMMANDS.includes(script)),
      ...calls.map(({ call }) => call),
    ];
  });
}

/** Options by their path, without the names that users choose, and by every part of it: `queue_age.warning`. */
const options = new Set(['connections.default']);
for (const { path } of OPTIONS) {
  const steps = path.replaceAll(/\[\]|\*\./g, '').split('.');
  for (let from = 0; from < steps.length; from++)
    for (let to = from + 1; to <= steps.length; to++) options.add(steps.slice(from, to).join('.'));
}
/** Where a path begins when it is written in full. */
const roots = new Set([...options].filter((path) => path.includes('.')).map((path) => path.split('.')[0]!));
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => read(`src/${path}`))
  .join('\n');
const events = new Set([...sources.matchAll(/\bevent: '([a-z_.]+)'/g)].map(([, name]) => name!));
/** Settings of other programs, and fields that pages show with a value. */
const FOREIGN_SETTINGS = new Set(
  'continue data event grafana_dashboard group_by honor_labels job paging replicas scheme scrape_timeout send_resolved'.split(
    ' ',
  ),
);

/** The spans that are written as an option, with its path or with a value, and are none. */
function unknownOptions(page: Page): readonly string[] {
  return spans(page).filter((span) => {
    // In the values of the chart, the configuration of the exporter stands below `config`.
    const [, path, value] = /^(?:config\.)?([a-z_]+(?:\.[a-z_]+)*)(: \S.*)?$/.exec(span) ?? [];
    if (path === undefined || options.has(path) || events.has(path) || FOREIGN_SETTINGS.has(path)) return false;
    return value !== undefined || (path.includes('.') && roots.has(path.split('.')[0]!));
  });
}

const flags = ['--help', '--version', ...program.commands.flatMap((one) => one.options.map(({ long }) => long ?? ''))];

function unknownFlags(page: Page): readonly string[] {
  const named = spans(page).flatMap((span) => /^(--[a-z-]+)(?: [A-Z:]+)?$/.exec(span)?.[1] ?? []);
  const variables = page.text.match(/\bANTHROPIC_WORK_EXPORTER_[A-Z_]+/g) ?? [];
  const isKnown = (name: string) =>
    OPTIONS.some(({ option }) => option.env === name) || sources.includes(`env.${name}`);
  // The first is a flag of npm.
  return [
    ...named.filter((flag) => flag !== '--ignore-scripts' && !flags.includes(flag)),
    ...variables.filter((name) => !isKnown(name)),
  ];
}

describe.each([...PAGES, ...OPERATED, ...pagesOf('CHANGELOG.md', 'SECURITY.md', 'src/README.md', INDEX)])(
  '$path',
  (page) => {
    it('has no link or picture that leads nowhere', () => {
      expect(deadLinks(page)).toEqual([]);
      // Pages of the design follow the code at their own pace.
      if (!/^docs\/(?:design|decisions)\//.test(page.path)) expect(missingFiles(page)).toEqual([]);
    });
  },
);

describe.each([...PAGES, ...OPERATED])('$path', (page) => {
  it('names only options, flags and variables that exist', () => {
    // A scenario has a schema of its own.
    if (page.path !== 'docs/simulator.md') expect(unknownOptions(page)).toEqual([]);
    expect(unknownFlags(page)).toEqual([]);
  });
});

describe.each(PAGES)('$path', (page) => {
  it('names only metrics, alerts, paths and commands that exist', () => {
    expect(unknownSignals(page)).toEqual([]);
    expect(pathsOf(page).filter(({ method, url }) => !routes.hasRoute({ method: method as 'GET', url }))).toEqual([]);
    expect(wrongCalls(page)).toEqual([]);
  });
});

it('README.md leads to every page of docs, and lists all commands', () => {
  const { text } = pageOf('README.md');
  const beside = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'));
  expect(beside.filter((file) => !text.includes(`](docs/${file}`))).toEqual([]);
  const list = /^Commands: (.*);/m.exec(text)?.[1] ?? '';
  expect([...list.matchAll(/`([a-z]+)`/g)].map((match) => match[1]!).toSorted()).toEqual(
    [...commands.keys()].toSorted(),
  );
});

it('the checks find what is wrong', () => {
  const page = (text: string) => ({ path: 'README.md', text });
  expect(deadLinks(page('[a](no.md) [b](README.md#no) [c](README.md#alerts-and-dashboards) ![d](no.png)'))).toEqual([
    'no.md',
    'README.md#no',
    'no.png',
  ]);
  expect(unknownSignals(page('anthropic_work_queue_depth anthropic_work_no AnthropicWorkNo'))).toEqual([
    'anthropic_work_no',
    'AnthropicWorkNo',
  ]);
  expect(
    wrongCalls(page('`npm run no` `anthropic-work-exporter serve --no` `anthropic-work-exporter no`')),
  ).toHaveLength(3);
  expect(unknownOptions(page('`no: 0/1` `poll.enabled` `server.listen` `log.level: debug` `config.loaded`'))).toEqual([
    'no: 0/1',
    'poll.enabled',
  ]);
  expect(unknownFlags(page('`--no` ANTHROPIC_WORK_EXPORTER_NO'))).toEqual(['--no', 'ANTHROPIC_WORK_EXPORTER_NO']);
});
