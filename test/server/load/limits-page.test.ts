import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ANSWER_MS, MOST_ANSWERS, STALLED_MS } from '../../../src/server/load/answers-in-flight.ts';
import { CURRENT_MS } from '../../../src/server/load/shared-answers.ts';
import { MOST_SOCKETS } from '../../../src/server/load/socket-limit.ts';

it('the reference tells the limits in force', () => {
  const page = readFileSync('docs/reference.md', 'utf8').replaceAll('\n', ' ');
  expect(page).toContain(`At most ${MOST_ANSWERS} answers are in progress`);
  expect(page).toContain(`Beyond ${MOST_SOCKETS} connections`);
  expect({ STALLED_MS, ANSWER_MS, CURRENT_MS }).toEqual({ STALLED_MS: 5000, ANSWER_MS: 60_000, CURRENT_MS: 1000 });
  expect(page).toMatch(/at most a second old.*read for five seconds.*read within a minute/);
});
