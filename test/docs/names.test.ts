import { describe, expect, it } from 'vitest';
import { METRIC_NAMES } from '../../src/metrics/catalogue.ts';
import { createRoutes } from '../../src/server/routes.ts';
import { ALERT_NAMES } from '../support/alert-names.ts';
import { serverDeps } from '../support/http-server.ts';
import { describeSeries } from '../support/series-descriptions.ts';
import { codeLines, PAGES, pageOf } from './pages.ts';

const series = new Set<string>([...METRIC_NAMES, ...describeSeries().map((one) => one.series)]);
const alerts = new Set<string>(ALERT_NAMES);
const routes = createRoutes(serverDeps([]), () => false);

/** The paths of the exporter that are set as code, each with its methods; those of the API begin with /v1. */
function pathsOf(lines: readonly string[]): readonly { readonly method: string; readonly url: string }[] {
  return lines.flatMap((line) => {
    const match = /^(?:(GET|POST|DELETE) )?(\/(?:|metrics|probe|-\/[\w-]+|api\/v1\/[^\s`]*))$/.exec(line);
    if (match === null) return [];
    const [, method = /reload|drill/.test(match[2]!) ? 'POST' : 'GET', path] = match;
    // `/a[/{id}]` are two routes.
    const urls = path!.includes('[') ? [path!.replace(/\[.*\]/, ''), path!.replaceAll(/[[\]]/g, '')] : [path!];
    return urls.map((url) => ({ method, url: url.replaceAll(/\{(\w+)\}/g, ':$1') }));
  });
}

describe.each(PAGES)('$path', (page) => {
  it('names only metrics that exist', () => {
    const named = page.text.match(/(?<![\w:])anthropic_work_[a-z_]*[a-z]\b(?!\*|_)/g) ?? [];
    expect(named.filter((name) => !series.has(name))).toEqual([]);
  });

  it('names only alerts that exist', () => {
    const named = page.text.match(/\bAnthropicWork[A-Z]\w+/g) ?? [];
    expect(named.filter((name) => !alerts.has(name))).toEqual([]);
  });

  it('names only paths that the server answers', () => {
    const missing = pathsOf(codeLines(page)).filter(({ method, url }) => !routes.hasRoute({ method, url }));
    expect(missing).toEqual([]);
  });
});

it('README.md names the routes: the tests above have something to look at', () => {
  expect(pathsOf(codeLines(pageOf('README.md'))).map(({ method, url }) => `${method} ${url}`)).toEqual(
    expect.arrayContaining([
      'GET /',
      'GET /metrics',
      'POST /-/reload',
      'DELETE /-/drill',
      'GET /api/v1/environments/:id',
    ]),
  );
});
