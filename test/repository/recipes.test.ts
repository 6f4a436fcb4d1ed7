import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cachedRunSync, filesBelow } from '../support/cached-run.ts';
import { FRUGAL_GO } from '../support/frugal-go.ts';
import { ROOT } from '../support/processes.ts';

/** The recipes of CONTRIBUTING.md, each with the files that it names. */
const recipes = new Map(
  readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')
    .split(/^## /m)
    .map((text) => [text.split('\n')[0]!, [...text.matchAll(/`(src\/[^`]+)`/g)].map((match) => match[1]!)]),
);

interface Step {
  readonly recipe: string;
  readonly file: string;
  /** What stands in front of this. */
  readonly before: string;
  readonly text: string;
}

const DECLARE_METRIC: Step = {
  recipe: 'Add a metric',
  file: 'src/metrics/catalogue/stats-metrics.ts',
  before: '} as const satisfies',
  text: "anthropic_work_recipe: { ...observed, labels: [...E], help: 'A recipe.', source: 'Nowhere.' },\n",
};

const OTHER_STEPS: readonly Step[] = [
  {
    recipe: 'Add a metric',
    file: 'src/metrics/measures/stats-measures.ts',
    before: '} satisfies Measures',
    text: 'anthropic_work_recipe: (state, context) => single(stats(state, context)?.depth ?? null),\n',
  },
  {
    recipe: 'Add an option',
    file: 'src/config/options/environment-options.ts',
    before: '  ...environmentSettings,',
    text: "recipe: option(date, 'When the recipe was tried.'),\n",
  },
  {
    recipe: 'Add an alert',
    file: 'src/rules/parts/alert-names.ts',
    before: '} as const satisfies',
    text: "AnthropicWorkRecipe: { meaning: 'A recipe is tried.', board: 'environment' },\n",
  },
  {
    recipe: 'Add an alert',
    file: 'src/rules/alerts/lapse-rules.ts',
    before: "    alert('AnthropicWorkLeasesLapsing', 'warning'",
    text: "alert('AnthropicWorkRecipe', 'warning', { expr: q.last('anthropic_work_recipe'), summary: 'A recipe', description: 'A recipe.' }),\n",
  },
  {
    recipe: 'Add a panel',
    file: 'src/dashboards/overview/overview.ts',
    before: '          { id: 12,',
    text: "{ id: 99, width: 8, panel: countChart('Recipe', { shows: 'A recipe.', normal: 'flat.', alerts: [] }) },\n",
  },
  {
    recipe: 'Add a scenario',
    file: 'src/simulator/scenarios/worker-scenarios.ts',
    before: "  {\n    name: 'no-workers-anywhere',",
    text: "{ name: 'recipe', happens: 'Nothing.', expect: 'Nothing.', plans: [{ phases: [{ seconds: ALWAYS }] }], warmUpSeconds: 0 },\n",
  },
  {
    recipe: 'Add a provider',
    file: 'src/wire/presets.ts',
    before: "'opensdlc'] as const",
    text: "'recipe', ",
  },
  {
    recipe: 'Add a provider',
    file: 'src/wire/presets.ts',
    before: '  opensdlc: {',
    text: "recipe: { ...anthropic, provider: 'recipe', baseUrlTemplate: 'https://recipe.example.com' },\n",
  },
  {
    recipe: 'Add a provider',
    file: 'src/simulator/queue/preset-switches.ts',
    before: '  opensdlc: {',
    text: 'recipe: {},\n',
  },
];

/** The settings of the compiler for a folder without the tests. */
const SOURCES_ONLY = 'tsconfig.sources.json';

let folder: string;

beforeAll(() => {
  // Not below node_modules, where Node runs no TypeScript.
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  folder = mkdtempSync(join(ROOT, '.cache/recipes-'));
  for (const path of ['src', 'scripts', 'docs', 'alerts', 'deploy', 'grafana', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  writeFileSync(join(folder, SOURCES_ONLY), JSON.stringify({ extends: './tsconfig.json', include: ['src'] }));
});

afterAll(() => rmSync(folder, { recursive: true }));

function follow({ recipe, file, before, text }: Step): void {
  const named = recipes.get(recipe) ?? [];
  expect(
    named.some((pattern) => matchesGlob(file, pattern)),
    `"${recipe}" names ${named.join(', ')} and not ${file}`,
  ).toBe(true);
  const path = join(folder, file);
  const parts = readFileSync(path, 'utf8').split(before);
  expect(parts, `${file} has one place for it`).toHaveLength(2);
  writeFileSync(path, parts.join(`${text}${before}`));
}

/** Not the script that starts it, as a script may start any program. */
const TSC = join(ROOT, `node_modules/@typescript/typescript-${process.platform}-${process.arch}/lib/tsc`);
/** What its packages are is written there. */
const INSTALLED = join(ROOT, 'node_modules/.package-lock.json');

function complaints(): readonly string[] {
  // One thread: each of four would find out most of the same types, for twice the CPU.
  const args = ['--noEmit', '--singleThreaded', '--pretty', 'false', '-p', SOURCES_ONLY];
  const settings = ['tsconfig.json', SOURCES_ONLY, 'package.json'].map((name) => join(folder, name));
  const { stdout } = cachedRunSync(
    { program: TSC, args, folder, files: [...settings, ...filesBelow(join(folder, 'src')), INSTALLED] },
    () => {
      const env = { ...process.env, ...FRUGAL_GO };
      const { error, status, stdout, stderr } = spawnSync(TSC, args, { cwd: folder, env, encoding: 'utf8' });
      if (error !== undefined || stderr !== '') throw new Error(`tsc: ${stderr}`, { cause: error });
      return { status, stdout };
    },
    ({ status, stdout }) => (status === 0 ? stdout === '' : status !== null && stdout.includes('error TS')),
  );
  return stdout.split('\n').filter((line) => line.includes('error TS'));
}

it('the recipes of CONTRIBUTING.md work as they are written', { timeout: 600_000 }, () => {
  follow(DECLARE_METRIC);
  const demanded = complaints();
  expect(demanded).toContainEqual(
    expect.stringMatching(/^src\/metrics\/measures\/stats-measures\.ts.*anthropic_work_recipe/),
  );
  for (const step of OTHER_STEPS) follow(step);
  expect(complaints()).toEqual([]);

  const simulate = spawnSync(process.execPath, ['src/main.ts', 'simulate', '--help'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(simulate.stdout).toContain('"recipe"');
  const generate = spawnSync(process.execPath, ['scripts/generate.ts'], { cwd: folder, encoding: 'utf8' });
  expect(generate.stderr).toBe('');
  const written = (path: string) => readFileSync(join(folder, path), 'utf8');
  expect(written('docs/metrics.md')).toContain('`anthropic_work_recipe`');
  expect(written('docs/configuration.md')).toContain('`recipe`');
  expect(written('docs/configuration.schema.json')).toContain('When the recipe was tried.');
  expect(written('alerts/anthropic-work-exporter.rules.yaml')).toContain('alert: AnthropicWorkRecipe');
  expect(written('grafana/anthropic-work-overview.json')).toContain('"title": "Recipe"');
  expect(written('docs/configuration.md')).toContain('https://recipe.example.com');
});
