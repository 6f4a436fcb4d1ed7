import { describe, expect, it } from 'vitest';
import { SITUATIONS } from './situations/all-situations.ts';
import { alone } from './support/rule-case.ts';
import { runSituations } from './support/run-situations.ts';

const PROMTOOLS = ['promtool', 'promtool-3'] as const;

/** All of them on both costs some minutes of a core: here each part meets one of the two, in turn. */
const ON_BOTH = process.env.SITUATIONS === 'all';

describe.each(PROMTOOLS.map((name, turn) => [name, turn] as const))('what must come of it, in %s', (promtool, turn) => {
  const parts = Object.entries(SITUATIONS).filter((_, index) => ON_BOTH || index % PROMTOOLS.length === turn);
  it.concurrent.each(parts)('%s', { timeout: 600_000 }, async (_part, situations) => {
    const { ok, output } = await runSituations(situations, promtool);
    expect(ok, output).toBe(true);
  });

  it('notices a page that does not come, beside one that was expected', { timeout: 120_000 }, async () => {
    const quiet = { name: 'all is well', series: alone({}), minutes: 10 };
    const wrong = { ...quiet, name: 'all is well as well', pages: [{ alert: 'NoWorkers' as const }] };
    const { ok, output } = await runSituations([quiet, wrong], promtool);
    expect(ok).toBe(false);
    expect(output).toContain('all is well as well');
    expect(output).not.toContain('job="all is well"');
  });
});
