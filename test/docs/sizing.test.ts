import { describe, expect, it } from 'vitest';
import { costPerMinute } from '../../src/config/cost.ts';
import { parseDuration } from '../../src/config/options/duration.ts';
import { scheduledPerMinute } from '../../src/domain/request-budget.ts';
import { configOf } from '../config/support.ts';
import { pageOf } from './pages.ts';

const { text } = pageOf('docs/operating.md');

/** The cells of the table whose first heading row begins with `start`. */
function rowsOf(start: string): string[][] {
  const lines = text.slice(text.indexOf(start)).split('\n');
  const rows = lines.slice(
    2,
    lines.findIndex((line) => !line.startsWith('|')),
  );
  return rows.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

const number = (cell: string) => Number(cell.replace(/,| MB| % of a core/g, ''));
const shown = (value: number) => value.toLocaleString('en-US');

const MEASURED = rowsOf('| environments | memory |').map((cells) => cells.map(number));
const SIZES = rowsOf('| environments | stats, list |');

/** What the page says of one environment and of a process without any. */
const BASE_MB = 105;
const ENVIRONMENT_MB = 0.26;
const BASE_CPU = 0.2;
const REQUEST_CPU = 0.001;
const SERIES = 146;
const ENVIRONMENTS_A_SHARD = 2000;

describe('the sizes in docs/operating.md', () => {
  it('go from ten environments to a hundred thousand', () => {
    expect(SIZES.map(([environments]) => environments)).toEqual(
      expect.arrayContaining(['10', '1,000', '10,000', '100,000']),
    );
  });

  it.each(SIZES)('%s environments, read every %s, %s pages: follow from the formula', async (...cells) => {
    const [environments, intervals, pages] = cells as [string, string, string];
    const count = number(environments);
    const [stats, list] = intervals.split(', ') as [string, string];
    const perMinute = (interval: string) => 60_000 / parseDuration(interval)!;
    const requests = Math.round(count * (perMinute(stats) + Number(pages) * perMinute(list)));
    const budget = Math.ceil(requests / scheduledPerMinute(1) - 1e-9);
    const shards = Math.max(1, Math.ceil(count / ENVIRONMENTS_A_SHARD));
    const own = count / shards;
    expect(cells.slice(3)).toEqual([
      shown(requests),
      shown(budget),
      String(shards),
      `${Math.round(BASE_MB + ENVIRONMENT_MB * own)} MB`,
      `${(BASE_CPU + (REQUEST_CPU * requests) / shards).toFixed(1)} %`,
      shown(Math.round(SERIES * own)),
    ]);

    // With a list of one page it is what check says.
    const config = await configOf(`
api: {api_key: k, requests_per_minute: 1000}
environments: [{id: env_1, environment_key: e}]
poll: {stats_interval: ${stats}, list_interval: ${list}}
`);
    const [cost] = costPerMinute(config);
    expect(cost!.requestsPerMinute).toBeCloseTo(perMinute(stats) + perMinute(list));
  });

  it('state the figures that they are computed from', () => {
    expect(text).toContain(`${BASE_MB} MB plus ${ENVIRONMENT_MB} MB per environment`);
    expect(text).toContain(`in hundredths of a core: ${BASE_CPU} plus ${REQUEST_CPU} per request a minute`);
    expect(text).toContain(`*Series*: ${SERIES}\n  per environment`);
    expect(text).toContain(`one for every ${shown(ENVIRONMENTS_A_SHARD)} environments`);
  });

  it('the sizes in docs/operating.md are those of README.md', async () => {
    const [cost] = costPerMinute(await configOf('api: {api_key: k}\nenvironments: [{id: env_1, environment_key: e}]'));
    const [count, , cpu] = MEASURED.at(-1)!;
    const line = /^\*\*What it costs:\*\* ([\s\S]*?) \(/m.exec(pageOf('README.md').text)?.[1]?.replaceAll('\n', ' ');
    expect(line).toBe(
      `${cost!.requestsPerMinute} requests a minute and ${SERIES} series per environment; ${BASE_MB} MB of memory plus ${ENVIRONMENT_MB} MB per environment; ${cpu} % of a core for ${count} environments`,
    );
  });

  // Six requests a minute for each environment, at the default intervals.
  it.each(MEASURED)(
    '%i environments: what was measured is within a tenth of the formula',
    (count, memory, cpu, series) => {
      const near = (value: number, computed: number) => expect(Math.abs(value / computed - 1)).toBeLessThan(0.1);
      near(memory!, BASE_MB + ENVIRONMENT_MB * count!);
      near(cpu!, BASE_CPU + REQUEST_CPU * 6 * count!);
      near(series!, SERIES * count!);
    },
  );
});
