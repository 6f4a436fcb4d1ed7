import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CASES, type MatrixCase } from './matrix-cases.ts';
import { Look, reportPage, reportRow, type Shown } from './matrix-report.ts';
import { MatrixRig, REQUESTS_PER_MINUTE, WAITING } from './matrix-rig.ts';

const MINUTE = 60;
const isRateLimit = ({ fault }: MatrixCase) => fault.kind === 'status' && fault.status === 429;

let rig: MatrixRig;
let soon: Look;
let later: Look;
/** Requests of each connection in each minute. */
const minutes: Map<string, number>[] = [];

async function passMinute(): Promise<void> {
  const sent = (look: Look) =>
    new Map(rig.connections.map(({ name }) => [name, look.value('api_budget_requests_total', { connection: name })!]));
  const before = sent(await Look.at(rig));
  await rig.pass(MINUTE);
  const after = sent(await Look.at(rig));
  minutes.push(new Map([...after].map(([name, count]) => [name, count - before.get(name)!])));
}

beforeAll(async () => {
  rig = await MatrixRig.start(CASES);
  await passMinute();
  rig.begin();
  await passMinute();
  soon = await Look.at(rig);
  for (let minute = 0; minute < 3; minute++) await passMinute();
  later = await Look.at(rig);
}, 600_000);

afterAll(() => rig?.[Symbol.asyncDispose]());

describe.each(CASES.map((one, index) => ({ ...one, index })))('$name, $operation, $scope', ({ index, ...one }) => {
  const connection = () => rig.connections[index]!;
  const shown = (ids: readonly string[] = connection().environmentIds): [what: string, shown: Shown][] =>
    ids.flatMap((id) => [
      [`${id} soon`, soon.of(id)] as [string, Shown],
      [`${id} later`, later.of(id)] as [string, Shown],
    ]);

  it('shows no false zero', () => {
    // In the first environment work always waits.
    for (const [what, { depth, age, queued }] of shown([connection().environmentIds[0]])) {
      expect([what, depth ?? WAITING]).toEqual([what, expect.toSatisfy((value: number) => value >= WAITING)]);
      expect([what, age ?? 1]).toEqual([what, expect.toSatisfy((value: number) => value > 0)]);
      expect([what, queued ?? 1]).toEqual([what, expect.toSatisfy((value: number) => value > 0)]);
    }
  });

  it('shows nothing that is older than stale_after', () => {
    for (const [what, { depth, queued, silence }] of shown()) {
      if (silence.stats.seconds > silence.stats.most) expect([what, depth]).toEqual([what, null]);
      if (silence.list.seconds > silence.list.most) expect([what, queued]).toEqual([what, null]);
    }
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

  it('sends no more than the budget', () => {
    for (const minute of minutes) expect(minute.get(connection().name)).toBeLessThanOrEqual(REQUESTS_PER_MINUTE);
  });
});

it('every fault was met by a request', () => {
  const unmet = rig.connections.filter(({ case: one, simulator, environmentIds }) => {
    const { environments, requests } = simulator.truth();
    const own = one.operation === 'environments' ? [requests] : environmentIds.map((id) => environments[id]!.requests);
    return own.every((endpoints) => Object.keys(endpoints[one.operation] ?? {}).length === 0);
  });
  expect(unmet.filter(({ case: one }) => one.operation !== 'retrieve').map(({ case: one }) => one)).toEqual([]);
  // Whether an item is read by itself depends on what else came: not in every list, but in most.
  expect(unmet.length).toBeLessThan(CASES.filter(({ operation }) => operation === 'retrieve').length / 2);
});

it('docs/reliability.md says what was seen', async () => {
  const rows = rig.connections.map((connection) => reportRow(connection, rig, { soon, later }));
  await expect(reportPage(rows)).toMatchFileSnapshot('../../../docs/reliability.md');
});
