import { expect, it } from 'vitest';
import { waitForExpected, waitUntil } from './wait-until.ts';

it('returns at once when it is true', async () => {
  let meanwhile = 0;
  await waitUntil(() => true, { meanwhile: () => meanwhile++ });
  expect(meanwhile).toBe(0);
});

it('does what is to be done between two looks', async () => {
  let steps = 0;
  await waitUntil(async () => steps === 3, { meanwhile: () => steps++ });
  expect(steps).toBe(3);
});

it('fails with what it waited for when the time is over', async () => {
  const wait = waitUntil(() => false, { what: 'a miracle', timeoutMs: 0, details: () => 'the log' });
  await expect(wait).rejects.toThrow('waited 0 ms for a miracle\nthe log');
});

it('passes on what the condition throws', async () => {
  const wait = waitUntil(() => {
    throw new Error('ended');
  });
  await expect(wait).rejects.toThrow('ended');
});

it('an assertion is repeated until it holds', async () => {
  let tries = 0;
  await waitForExpected(async () => expect(++tries).toBe(3), { everyMs: 1 });
  expect(tries).toBe(3);
});

it('fails with the last failure of the assertions when the time is over', async () => {
  const wait = waitForExpected(async () => expect('this').toBe('that'), { timeoutMs: 0, everyMs: 1 });
  await expect(wait).rejects.toThrow("expected 'this' to be 'that'");
});
