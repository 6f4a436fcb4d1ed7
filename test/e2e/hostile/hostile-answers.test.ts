import { beforeAll, describe, expect, it } from 'vitest';
import { parseExposition } from '../../support/exposition-parser.ts';
import { type Hostile, UNSEEN } from './answering.ts';
import { BODIES } from './bodies.ts';
import { CLOCKS } from './clocks.ts';
import { CONNECTIONS } from './connections.ts';
import { ENCODINGS } from './encodings.ts';
import { FRAMING } from './framing.ts';
import { HEADS } from './heads.ts';
import { outcomeOf } from './hostile-api.ts';
import { PAGES } from './pages.ts';
import { ROWS } from './rows.ts';
import { besiege, OPERATIONS, type Siege } from './siege.ts';
import { STATUSES } from './statuses.ts';
import { VALUES } from './values.ts';

const SHARED = { apart: false };
const TABLES: readonly (readonly [what: string, cases: readonly Hostile[], options: { readonly apart: boolean }])[] = [
  ['framing', FRAMING, SHARED],
  ['heads', HEADS, SHARED],
  ['connections', CONNECTIONS, SHARED],
  ['encodings', ENCODINGS, SHARED],
  ['statuses', STATUSES, SHARED],
  ['bodies', BODIES, SHARED],
  ['values', VALUES, SHARED],
  ['rows', ROWS, SHARED],
  ['pages', PAGES, SHARED],
  ['clocks', CLOCKS, { apart: true }],
];

/** What the good answers say. */
const GOOD = { 'up stats': 1, 'up list': 1, queue_depth: 2, 'items queued': 2, 'items active': 3 };

describe.each(TABLES)('answers with odd %s', (_, cases, options) => {
  let siege: Siege;
  beforeAll(async () => {
    siege = await besiege(cases, options);
  });

  it.each(cases.map(([what, , outcomes, counted]) => [what, outcomes, counted] as const))(
    '%s: each read ends as it should, and good answers are as ever',
    (what, outcomes, counted) => {
      const { id } = siege.environments.find(({ hostile }) => hostile?.[0] === what)!;
      for (const operation of OPERATIONS) {
        const expected = outcomeOf(outcomes, operation);
        expect([operation, ...siege.outcomes(id, operation)]).toEqual([operation, expected]);
        expect([operation, ...siege.failures(id, operation)]).toEqual([
          operation,
          ...(expected === 'ok' ? [] : [expected]),
        ]);
      }
      expect(siege.numbers(id)).toEqual({ ...GOOD, ...counted });
    },
  );

  it('others are read as ever', () => {
    const others = siege.environments.filter(({ hostile }) => hostile === null);
    for (const { id } of others) {
      expect(siege.numbers(id)).toEqual(GOOD);
      expect(Math.max(...siege.gaps(id, 'stats'))).toBeLessThan(siege.intervals.stats * 1.3);
      expect(Math.max(...siege.gaps(id, 'list'))).toBeLessThan(siege.intervals.list * 1.3);
    }
  });

  it('nothing of an answer or key is written or shown, and metrics stay valid', () => {
    for (const exposition of siege.expositions) parseExposition(exposition, 'prometheus');
    const output = [siege.output, ...siege.expositions].join('\n');
    for (const canary of [UNSEEN, 'CANARY', Buffer.from(UNSEEN).toString('base64').slice(0, 16)])
      expect(output).not.toContain(canary);
  });

  it('nothing is asked for but what may be read, with its own key', () => {
    expect(siege.forbidden).toEqual([]);
  });
});
