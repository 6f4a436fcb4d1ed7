import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIVE_SCENARIOS } from '../e2e/alerting/all-live-scenarios.ts';
import { LivePlay } from '../e2e/alerting/live-play.ts';
import { toolPath } from '../support/tool-path.ts';

const PROGRAMS = { oldest: 'prometheus', newest: toolPath('prometheus-3') } as const;
/** Two plays of up to an hour at twelve times the speed, and what starts before them. */
const TIMEOUT_MS = 15 * 60_000;

const play = new LivePlay(Object.values(PROGRAMS));
afterAll(() => play[Symbol.asyncDispose]());

beforeAll(async () => {
  await play.run(LIVE_SCENARIOS);
}, TIMEOUT_MS);

describe.each(Object.keys(PROGRAMS).map((version, index) => ({ version, index })))(
  'with the $version Prometheus',
  ({ index }) => {
    it.each(LIVE_SCENARIOS)('$cause is told once, by its cause, and not after its end', (scenario) => {
      expect(play.verdicts(scenario)[index]!.faults).toEqual([]);
    });

    it('page and JSON of every exporter say what its alerts say, when each begins, recovers and ends', () => {
      const { faults, agreed, stalled } = play.pages(index);
      expect(faults).toEqual([]);
      // A machine that stands still again and again leaves nothing to compare.
      expect(stalled || agreed.has('AnthropicWorkNoWorkers')).toBe(true);
    });

    it('nothing is told that belongs to no scenario', () => {
      expect(play.ownerless(index)).toEqual([]);
    });
  },
);

it("the dead man's switch is told of every job every minute, also while its exporter is gone", () => {
  const stage = play.first;
  for (const chain of stage.chains) {
    for (const job of new Set(LIVE_SCENARIOS.map(({ exporter }) => exporter))) {
      // A busy machine may lose some; with a `repeat_interval` of a minute it would be every second one.
      expect(chain.watchdogs(job), job).toBeGreaterThan(0.6 * stage.minutesOf(job));
    }
  }
});
