import { expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { judge } from './judge.ts';
import { Soak } from './soak.ts';

const KINDS = ['fault', 'kill', 'reload', 'rotate'] as const;
/** In CI each kind once or twice. By hand: `SOAK_STEPS=500 SOAK_SEED=7 npx vitest run test/e2e/soak`. */
const STEPS = Number(process.env.SOAK_STEPS ?? 6);
const SEED = Number(process.env.SOAK_SEED ?? 1);

it('an exporter that is disturbed at random tells the truth, keeps to its budget and its keys, and does not grow', {
  timeout: STEPS * 300_000,
}, async () => {
  await using soak = await Soak.start(SEED);
  const random = seededRandom(SEED);
  for (let step = 0; step < STEPS; step++) {
    await soak.step(KINDS[step] ?? KINDS[Math.floor(random() * KINDS.length)]!);
  }
  const { samples, requests } = soak.watched;
  expect(judge(soak.watched, soak.limits)).toEqual([]);
  // Else there was nothing to judge.
  expect(samples.length).toBeGreaterThan(STEPS);
  expect(requests.length).toBeGreaterThan(STEPS);
  expect(samples.every(({ descriptors, heapBytes }) => descriptors > 0 && heapBytes > 0)).toBe(true);
});
