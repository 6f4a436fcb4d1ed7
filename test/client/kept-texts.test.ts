import { expect, it } from 'vitest';
import { shownText } from '../../src/base/shown-text.ts';
import { Drift } from '../../src/wire/drift.ts';
import { parseEnvironmentsPage } from '../../src/wire/parse-environments-page.ts';
import { keptMetadata } from '../../src/wire/read-metadata.ts';
import { collectGarbage } from '../support/collect-garbage.ts';

const TEXTS = 100;
const LONG = 60_000;
/** A text is kept whole or not at all; what else goes on in the process may take some hundred KB meanwhile. */
const MOST_BYTES = LONG / 4;

/** A text of its own, as it comes out of JSON. */
const long = (n: number, rest: string): string =>
  JSON.parse(JSON.stringify(`what is said of ${n} ${rest.repeat(LONG / rest.length)}`));

const environments = (n: number, change: object) => ({
  data: [
    { id: `env_${n}`, name: 'prod', config: { type: 'self_hosted' }, archived_at: null, created_at: null, ...change },
  ],
  next_page: null,
});
const noDrift = new Drift(() => {});
const parsed = (n: number, change: object) => parseEnvironmentsPage(environments(n, change), 'cursor', noDrift);

// V8 keeps a long text as long as a slice of it is kept.
it.each<[what: string, keep: (n: number) => unknown]>([
  ['a name that is cut', (n) => shownText(long(n, 'x'))],
  ['a name before many spaces', (n) => shownText(long(n, ' '))],
  ['a value of metadata', (n) => keptMetadata(['team'], { team: long(n, 'x') })],
  ['the name of an environment', (n) => parsed(n, { name: long(n, ' ') })],
  ['the type of an environment', (n) => parsed(n, { config: { type: long(n, 'x') } })],
])('what is kept of a long text does not keep all of it: %s', async (_, keep) => {
  keep(0);
  const before = await usedBytes();
  const kept = Array.from({ length: TEXTS }, (_, n) => keep(n));
  const bytes = (await usedBytes()) - before;
  expect(kept).toHaveLength(TEXTS);
  expect(bytes / TEXTS).toBeLessThan(MOST_BYTES);
});

it('fields that this version does not know are remembered by the beginning of their names', async () => {
  let reported = 0;
  const drift = new Drift(() => reported++);
  const before = await usedBytes();
  for (let n = 0; n < TEXTS; n++) drift.fields('work', { [`${n}${long(n, 'x')}`]: 1 }, new Set());
  const bytes = (await usedBytes()) - before;
  expect(reported).toBe(TEXTS);
  expect(bytes / TEXTS).toBeLessThan(MOST_BYTES);
  // Reported before, as far as anybody looks.
  drift.fields('work', { [`${0}${long(0, 'x')}and more`]: 1 }, new Set());
  expect(reported).toBe(TEXTS);
});

async function usedBytes(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().heapUsed;
}
