import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { renderRules } from '../../src/rules/render.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/rule.ts';
import { ROOT } from '../support/processes.ts';
import { blocksOf, PAGES } from './pages.ts';

/** The exporter's own commands: `runnable.test.ts` runs them. */
const OWN = /^npx anthropic-work-exporter /;
/** They need an Alertmanager: `silence-commands.test.ts` runs them. */
const SILENCES = /^amtool silence /;
/** What no test of a page can do, and what does instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'npm ci && npm run demo': '.ci/run installs, and test/packaging/packed-file.test.ts runs `demo` to its numbers',
  'export ANTHROPIC_API_KEY=sk-ant-api03-…': 'a placeholder for a key',
  'npm pack': 'test/packaging/packed-file.test.ts packs',
  'npm install /path/to/anthropic-work-exporter-*.tgz': 'test/packaging/packed-file.test.ts installs what it packed',
};

const LINES = PAGES.flatMap((page) =>
  blocksOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.replaceAll(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#') && !OWN.test(line) && !SILENCES.test(line))
    .map((line) => ({ path: page.path, line })),
);

it('every excuse is for a line that a page has', () => {
  expect(LINES.map(({ line }) => line)).toEqual(expect.arrayContaining(Object.keys(ELSEWHERE)));
});

it.each(LINES.filter(({ line }) => !(line in ELSEWHERE)))('$path: `$line` runs', ({ line }) => {
  const cwd = mkdtempSync(join(tmpdir(), 'tool-commands-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  copyFileSync(join(ROOT, 'alerts/alertmanager.example.yml'), join(cwd, 'alertmanager.yml'));
  copyFileSync(join(ROOT, 'alerts/anthropic-work.tmpl'), join(cwd, 'anthropic-work.tmpl'));
  writeFileSync(join(cwd, 'anthropic-work-exporter.rules.yaml'), renderRules('prometheus', DEFAULT_RULE_OPTIONS));
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd, encoding: 'utf8' });
  expect(`${stdout}${stderr}`).not.toMatch(/FAILED|error/i);
  expect(status).toBe(0);
});
