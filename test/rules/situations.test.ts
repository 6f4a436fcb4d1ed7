import { describe, expect, it } from 'vitest';
import { SITUATIONS } from './situations/all-situations.ts';
import { runSituations } from './support/run-situations.ts';

const PROMTOOLS = ['promtool', 'promtool-3'] as const;

/** Minutes of both cores for all of them on both: here each part meets one of the two, in turn. */
const ON_BOTH = process.env.SITUATIONS === 'all';

describe.each(PROMTOOLS.map((name, turn) => [name, turn] as const))('what must come of it, in %s', (promtool, turn) => {
  const parts = Object.entries(SITUATIONS).filter((_, index) => ON_BOTH || index % PROMTOOLS.length === turn);
  it.concurrent.each(parts)('%s', { timeout: 300_000 }, async (_part, situations) => {
    const { ok, output } = await runSituations(situations, promtool);
    expect(ok, output).toBe(true);
  });
});
