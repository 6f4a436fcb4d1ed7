import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningApp } from '../../app/running-app.ts';
import { configurationOf, PROD, simulatedApi } from '../../support/simulated-api.ts';
import { FaultRig, Look, mostInAMinute, REQUESTS_PER_MINUTE, type Shown, WAITING } from './fault-rig.ts';
import { CASES, FAULTS, isByChance, isRateLimit } from './faults.ts';
import { reportPage, reportRow } from './matrix-report.ts';

let rig: FaultRig;
let soon: Look;
let later: Look;
let last: Look;

beforeAll(async () => {
  rig = await FaultRig.start(CASES);
  await rig.pass(120);
  rig.begin();
  // Late enough for every read to have failed, and before what was read last is too old.
  await rig.pass(90);
  soon = await Look.at(rig);
  // Late enough for all that is not read any more to be too old, and before the longest pause after a 429 can be over.
  await rig.pass(180);
  later = await Look.at(rig);
  // Late enough for what cannot be read to be a condition, after five intervals, and for what explains others.
  await rig.pass(210);
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
    expect(mostInAMinute(connection())).toBeLessThanOrEqual(REQUESTS_PER_MINUTE);
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
  const most = Math.max(...rig.connections.map(mostInAMinute));
  expect(most).toBeGreaterThan(0.9 * REQUESTS_PER_MINUTE);
});

it('docs/design/reliability.md says what was seen', async () => {
  const rows = rig.connections.map((connection) => reportRow(connection, { soon, later, last }));
  await expect(reportPage(rows)).toMatchFileSnapshot('../../../docs/design/reliability.md');
});

/** Places where only the vendor's own service is looked after. */
const VENDORS = /Console →|status page of the API|status\.claude\.com/;
/** What a server that is down or broken looks like from outside. */
const DOWN = ['no answer', 'connection cut before the answer', '408', '500', '503, x-should-retry: false'];

it.each(FAULTS)('%s of a service of one’s own sends nobody to the vendor', async (name, fault) => {
  await using api = await simulatedApi({ preset: 'self-hosted-service' });
  const connection = { provider: 'self-hosted-service', base_url: api.url, api_key: api.apiKey, timeout: '1s' };
  await using running = await RunningApp.start(configurationOf(api, { api: connection }));
  await running.waitUntil(() => running.readSince(PROD, 'list'));
  const stats = () => running.state(PROD).operations.stats;
  const seen = stats().requests;
  api.setFaults([{ ...fault, endpoints: ['stats', 'list'] }]);
  await running.waitUntil(() => stats().requests > seen + 1);
  const isFailing = stats().failure !== null;
  const page = (await running.page()).replaceAll(/<[^>]*>/g, '');
  expect(page).not.toMatch(VENDORS);
  for (const line of running.events('environment.failing')) expect(line.remedy).not.toMatch(VENDORS);
  if (!DOWN.includes(name)) return;
  expect(isFailing).toBe(true);
  expect(page).toMatch(/your server/);
});
