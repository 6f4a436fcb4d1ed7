import { describe, expect, it } from 'vitest';
import { SITUATIONS } from './situations/all-situations.ts';
import { PROMTOOL } from './support/promtool.ts';
import { alone } from './support/rule-case.ts';
import { type Play, playsOf, runPlay } from './support/run-situations.ts';

/** All of them in either promtool cost some minutes of a core: by hand. */
const EVERY = process.env.SITUATIONS === 'all';

/** The longest are left to the newest promtool, which takes half as much CPU. */
const LONG_MINUTES = 60;
const isLong = ({ situations }: Play) => situations.some(({ minutes }) => minutes > LONG_MINUTES);
const plays = playsOf(Object.values(SITUATIONS).flat()).filter(
  (play) => EVERY || isLong(play) === (PROMTOOL === 'promtool-3'),
);

describe(`what must come of it, in ${PROMTOOL}`, () => {
  it.concurrent.each(plays)('$name', { timeout: 600_000 }, async (play) => {
    const { ok, output } = await runPlay(play, PROMTOOL);
    expect(ok, output).toBe(true);
  });

  it('notices a page that does not come, beside one that was expected', { timeout: 600_000 }, async () => {
    const quiet = { name: 'all is well', series: alone({}), minutes: 10 };
    const wrong = { ...quiet, name: 'all is well as well', pages: [{ alert: 'NoWorkers' as const }] };
    const { ok, output } = await runPlay({ name: 'two', situations: [quiet, wrong] }, PROMTOOL);
    expect(ok).toBe(false);
    expect(output).toContain('all is well as well');
    expect(output).not.toContain('job="all is well"');
  });
});
