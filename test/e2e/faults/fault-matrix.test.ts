import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultRig, WAITING } from './fault-rig.ts';
import { CASES, isByChance, isRateLimit } from './matrix-cases.ts';
import { Look, type Shown } from './matrix-look.ts';
import { reportPage, reportRow } from './matrix-report.ts';

const MINUTE = 60;
/** Enough for the schedule, and too few for lists without end. */
const REQUESTS_PER_MINUTE = 24;
/** Of the two ways to read a list: whole, or where new items come and then the others by their ids. */
const PAGE_SIZES = { stats: WAITING, environments: WAITING, list: 1, retrieve: 1 };

let rig: FaultRig;
let soon: Look;
let later: Look;
let last: Look;

beforeAll(async () => {
  rig = await FaultRig.start(CASES, { requestsPerMinute: REQUESTS_PER_MINUTE, pageSizes: PAGE_SIZES });
  await rig.pass(2 * MINUTE);
  rig.begin();
  // Late enough for every read to have failed, and before what was read last is too old.
  await rig.pass(1.5 * MINUTE);
  soon = await Look.at(rig);
  // Late enough for all that is not read any more to be too old, and before the longest pause after a 429 can be over.
  await rig.pass(3 * MINUTE);
  later = await Look.at(rig);
  // Late enough for what cannot be read to be a condition, after five intervals, and for what explains others.
  await rig.pass(3.5 * MINUTE);
  last = await Look.at(rig);
}, 600_000);

afterAll(() => rig?.[Symbol.asyncDispose]());

describe.each(CASES.map((one, index) => ({ ...one, index })))('$name, $operation, $scope', ({ index, ...one }) => {
  const connection = () => rig.connections[index]!;
  const shown = (): [what: string, shown: Shown][] =>
    connection().environmentIds.flatMap((id) => [
      [`${id} soon`, soon.of(id)] as [string, Shown],
      [`${id} later`, later.of(id)] as [string, Shown],
    ]);

  it('no number falls to 0 while it cannot be read', () => {
    // In both environments work waits all the time. An item whose own read answers 404 is gone, for all that anybody can know.
    const isGone = one.operation === 'retrieve' && one.fault.kind === 'status' && one.fault.status === 404;
    for (const [what, { depth, age, queued }] of shown()) {
      expect([what, depth ?? WAITING]).toEqual([what, WAITING]);
      if (isGone) expect([what, queued]).toEqual([what, expect.toSatisfy((value: number) => value > 0)]);
      else expect([what, queued ?? WAITING]).toEqual([what, WAITING]);
      expect([what, age ?? 1]).toEqual([what, expect.toSatisfy((value: number) => value > 0)]);
    }
  });

  it('shows nothing that is older than stale_after', () => {
    for (const [what, { depth, queued, silence }] of shown()) {
      if (silence.stats.seconds > silence.stats.most) expect([what, depth]).toEqual([what, null]);
      if (silence.list.seconds > silence.list.most) expect([what, queued]).toEqual([what, null]);
    }
  });

  it('is down while a read fails, and only then', () => {
    if (one.operation === 'environments' || isByChance(one)) return;
    const read = one.operation === 'stats' ? 'stats' : 'list';
    const [id] = connection().environmentIds;
    const failing = connection().running.events('environment.failing');
    const fails = failing.some((line) => line.environment_id === id && line.operation === read);
    expect(soon.of(id).up[read]).toBe(fails ? 0 : 1);
  });

  it('changes nothing for an environment that is not hit', () => {
    const [hit, other] = connection().environmentIds;
    const untouched = one.operation === 'environments' ? [hit, other] : one.scope === 'one' ? [other] : [];
    for (const id of untouched) {
      for (const look of [soon, later]) {
        const { up, depth, queued } = look.of(id);
        expect([up.stats, up.list ?? 1]).toEqual([1, 1]);
        if (isRateLimit(one)) continue;
        expect(depth).not.toBeNull();
        if (up.list !== null) expect(queued).not.toBeNull();
      }
    }
  });

  it('sends no more than the budget in any 60 s', () => {
    expect(rig.mostInAMinute(connection())).toBeLessThanOrEqual(REQUESTS_PER_MINUTE);
  });
});

it('every fault was met by a request', () => {
  const unmet = rig.connections.filter(({ case: one, simulator, environmentIds }) => {
    const { environments, requests } = simulator.truth();
    const own = one.operation === 'environments' ? [requests] : environmentIds.map((id) => environments[id]!.requests);
    return own.every((endpoints) => Object.keys(endpoints[one.operation] ?? {}).length === 0);
  });
  expect(unmet.map(({ case: one }) => one)).toEqual([]);
});

it('some of them used nearly all of the budget', () => {
  // Else nothing above would have shown that it holds. Not quite all: chance decides in which minute the last request falls.
  const most = Math.max(...rig.connections.map((connection) => rig.mostInAMinute(connection)));
  expect(most).toBeGreaterThan(0.9 * REQUESTS_PER_MINUTE);
});

it('docs/design/reliability.md says what was seen', async () => {
  const rows = rig.connections.map((connection) => reportRow(connection, { soon, later, last }));
  await expect(reportPage(rows)).toMatchFileSnapshot('../../../docs/design/reliability.md');
});
