import { expect, it } from 'vitest';
import { DISTURBANCES, QUICK_DISTURBANCES } from './disturbances.ts';
import { judge } from './judge.ts';
import { Soak } from './soak.ts';

/** By hand: `SOAK_STEPS=500 SOAK_SEED=7 npx vitest run test/e2e/soak`. In CI each quick disturbance, and some twice. */
const BY_HAND = process.env.SOAK_STEPS !== undefined;
const STEPS = Number(process.env.SOAK_STEPS ?? 6);
const SEED = Number(process.env.SOAK_SEED ?? 1);
/** By hand, the list is too long to be read whole each time. */
const SIZE = BY_HAND ? { history: 600, requestsPerMinute: 60 } : { history: 0, requestsPerMinute: 30 };

it('an exporter that is disturbed at random tells the truth, keeps to its budget and its keys, and does not grow', {
  timeout: STEPS * 1_000_000,
}, async () => {
  const disturbances = Object.entries(BY_HAND ? DISTURBANCES : QUICK_DISTURBANCES);
  await using soak = await Soak.start({ seed: SEED, ...SIZE });
  const { api, random } = soak;
  for (let step = 0; step < STEPS; step++) {
    api.enqueue(1 + Math.floor(random() * 3));
    // Two runs of one item between two reads cannot be told apart.
    if (random() < 0.3) await api.wake(random);
    else for (let n = 0; n < 3 * random(); n++) await api.work();
    const [name, disturb] = disturbances[step] ?? disturbances[Math.floor(random() * disturbances.length)]!;
    if (BY_HAND) process.stderr.write(`${step} ${name}\n`);
    await disturb(soak);
    await soak.settled();
  }
  const { samples, requests } = soak.watched;
  expect(judge(soak.watched, soak.limits)).toEqual([]);
  // Else there was nothing to judge.
  expect(samples.length).toBeGreaterThan(STEPS);
  expect(requests.length).toBeGreaterThan(STEPS);
  expect(samples.every(({ descriptors, heapBytes }) => descriptors > 0 && heapBytes > 0)).toBe(true);
});
