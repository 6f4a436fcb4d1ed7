import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Switches } from '../../src/simulator/switches.ts';
import type { ProviderName } from '../../src/wire/presets.ts';
import { coursesOf } from './recorded-courses.ts';
import { type Moment, RecordedRun } from './recorded-run.ts';

const FOLDER = join(import.meta.dirname, 'recorded');
const AFTER_A_CHANGE =
  'after a change that is meant to show, RECORD=1 npx vitest run test/e2e/recorded-exposition.test.ts';

/** Leases end soon, so that some lapse. Lists of several pages in each order, stamps that are kept or cleared, and a page size that is rejected at first. */
const SWITCHES: Readonly<Partial<Record<ProviderName, Partial<Switches>>>> = {
  anthropic: { leaseTtlSeconds: 60, maxPageSize: 10, overLimit: 'cap', listOrder: 'newest' },
  aws: { leaseTtlSeconds: 60, maxPageSize: 10, overLimit: 'cap', listOrder: 'oldest' },
  google: { leaseTtlSeconds: 60, maxPageSize: 100, overLimit: 'refuse', retentionSeconds: 300 },
  qoder: { leaseTtlSeconds: 60, maxPageSize: 10, overLimit: 'cap', requeueStamps: 'kept' },
  opensdlc: { leaseTtlSeconds: 60, maxPageSize: 10, overLimit: 'cap', listOrder: 'shuffled' },
};

const PHASES = [
  { scenario: 'steady', seconds: 240, everySeconds: 120 },
  { scenario: 'leases-lapsing', seconds: 180, everySeconds: 90 },
  { scenario: 'requeue-storm', seconds: 120, everySeconds: 120 },
  { scenario: 'rate-limited', seconds: 120, everySeconds: 120 },
  { scenario: 'api-down', seconds: 180, everySeconds: 90 },
  { scenario: 'auth-expired', seconds: 60, everySeconds: 60 },
  { scenario: 'no-workers', seconds: 120, everySeconds: 120 },
  { scenario: 'clock-skew', seconds: 120, everySeconds: 120 },
] as const;

async function recordingOf(preset: ProviderName): Promise<readonly Moment[]> {
  await using run = await RecordedRun.start({
    preset,
    seed: 7,
    scenario: 'steady',
    environments: 2,
    switches: SWITCHES[preset] ?? {},
  });
  for (const { scenario, ...pace } of PHASES) await run.play(scenario, pace);
  await run.reload();
  await run.play('flapping', { seconds: 180, everySeconds: 180 });
  return run.moments;
}

it.each(Object.keys(SWITCHES) as ProviderName[])(
  'the exposition of a recorded run against %s is what it was',
  async (preset) => {
    const courses = coursesOf(await recordingOf(preset));
    const file = join(FOLDER, `${preset}.txt`);
    if (process.env.RECORD === '1') {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(file, courses);
    }
    expect(courses.split('\n'), AFTER_A_CHANGE).toEqual(readFileSync(file, 'utf8').split('\n'));
  },
  120_000,
);
