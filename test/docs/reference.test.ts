import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { EXIT } from '../../src/cli/command.ts';
import { ERRORS } from '../../src/server/answers.ts';
import { createRoutes } from '../../src/server/routes.ts';
import { result as checkResult, row as liveRow } from '../cli/live-check.ts';
import { environmentDetailSchema } from '../support/environment-schema.ts';
import { serverDeps } from '../support/http-server.ts';
import { ROOT } from '../support/processes.ts';
import { blocksOf, pageOf } from './pages.ts';

const page = pageOf('docs/reference.md');

/** What the entries of the list below a heading are about: the text before the first colon that follows code or a number. */
function entries(heading: string): readonly string[] {
  const [, section = ''] = page.text.split(`## ${heading}\n`);
  return (section.split(/^## /m)[0]!.match(/^- .*$/gm) ?? []).flatMap(
    (line) => /^- ((?:`[^`]+`(?:, )?)+|\d+): /.exec(line)?.[1] ?? [],
  );
}

describe('docs/reference.md', () => {
  it('docs/reference.md lists every exit code', () => {
    expect(entries('Exit codes')).toEqual(Object.values(EXIT).map(String));
  });

  it('has every route and every method of it', () => {
    const routes = createRoutes(serverDeps([]), () => false);
    const shown = entries('HTTP').map((cell) => /^`(GET|POST|DELETE) (.*)`$/.exec(cell)!);
    expect(shown.filter(([, method, url]) => !routes.hasRoute({ method: method as 'GET', url: param(url!) }))).toEqual(
      [],
    );
    const served = sources().flatMap((text) =>
      [...text.matchAll(/\bapp\.(get|post|delete)(?:<[^(]*>)?\('([^']+)'|\burl: '(\/[^']*)'/g)].map(
        ([, method = 'get', path, url]) => `${method.toUpperCase()} ${path ?? url}`,
      ),
    );
    expect(served.length).toBeGreaterThan(6);
    expect(served.filter((route) => !shown.some(([, method, url]) => `${method} ${param(url!)}` === route))).toEqual(
      [],
    );
  });

  it('has every error that a route answers with, and no other', () => {
    const answered = Object.keys(ERRORS);
    const shown = errorCells().flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, code]) => code!));
    expect(new Set(shown)).toEqual(new Set(answered));
    expect(shown).toHaveLength(new Set(shown).size);
  });

  it('shows an environment as the server answers it', () => {
    const [example] = blocksOf(page).filter(({ language }) => language === 'json');
    expect(environmentDetailSchema.safeParse(JSON.parse(example!.text))).toMatchObject({ success: true });
  });

  it('names every member of what `check --json` prints', () => {
    const [, section = ''] = page.text.split('## check --live\n');
    const [said = ''] = section.split(/^## /m);
    const { shape } = checkResult;
    const cost = (shape.cost as z.ZodArray<z.ZodObject>).element.shape;
    const members = [shape, cost, liveRow.shape].flatMap((one) => Object.keys(one));
    expect(members.length).toBeGreaterThan(25);
    expect(members.filter((name) => !said.includes(`\`${name}\``))).toEqual([]);
  });

  it('has every log event of the source and no other', () => {
    const events = new Set(
      sources().flatMap((text) => [...text.matchAll(/\bevent: '([^']+\.[^']+)'/g)].map(([, name]) => name!)),
    );
    const named = entries('Log events').flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
    expect(named.toSorted()).toEqual([...events].toSorted());
  });
});

/** The cells with the codes of the errors. */
function errorCells(): readonly string[] {
  const [, section = ''] = page.text.split('## Errors\n');
  const rows = section.split(/^## /m)[0]!.match(/^\| \d.*$/gm) ?? [];
  return rows.map((row) => row.split('|')[2]!);
}

function sources(folder = 'src'): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(ROOT, folder, path), 'utf8'));
}

function param(url: string): string {
  return url.replaceAll(/\{(\w+)\}/g, ':$1');
}
