import { describe, expect, it } from 'vitest';
import { SITUATIONS } from './situations/all-situations.ts';
import { runSituations } from './support/run-situations.ts';

describe.each(['promtool', 'promtool-3'] as const)('what must come of it, in %s', (promtool) => {
  it.concurrent.each(Object.entries(SITUATIONS))('%s', { timeout: 300_000 }, async (_part, situations) => {
    const { ok, output } = await runSituations(situations, promtool);
    expect(ok, output).toBe(true);
  });
});
