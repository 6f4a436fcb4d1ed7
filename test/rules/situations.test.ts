import { describe, expect, it } from 'vitest';
import { SITUATIONS } from './situations/all-situations.ts';
import { alone } from './support/rule-case.ts';
import { type Play, playsOf, runPlay } from './support/run-situations.ts';

const PROMTOOLS = ['promtool', 'promtool-3'] as const;

/** All of them on both costs some minutes of a core: here each play meets one of the two. */
const ON_BOTH = process.env.SITUATIONS === 'all';

const ALL = Object.values(SITUATIONS).flat();
const PLAYS = playsOf(ALL);

/** The longest meet the newer one, which takes half as much CPU; the others meet one or the other, in turn. */
const LONG_MINUTES = 60;
const isLong = ({ situations }: Play) => situations.some(({ minutes }) => minutes > LONG_MINUTES);
const IN_TURN = PLAYS.filter((play) => !isLong(play));
const meets = (play: Play, promtool: (typeof PROMTOOLS)[number]) =>
  ON_BOTH || promtool === (isLong(play) ? 'promtool-3' : PROMTOOLS[IN_TURN.indexOf(play) % PROMTOOLS.length]);

it('plays every situation once, and some in either promtool', () => {
  const timesMet = PLAYS.map((play) => PROMTOOLS.filter((promtool) => meets(play, promtool)).length);
  expect(new Set(timesMet)).toEqual(new Set([ON_BOTH ? 2 : 1]));
  for (const promtool of PROMTOOLS) expect(PLAYS.filter((play) => meets(play, promtool)).length).toBeGreaterThan(1);
  const played = PLAYS.flatMap(({ situations }) => situations.map(({ name }) => name));
  expect(played.toSorted()).toEqual(ALL.map(({ name }) => name).toSorted());
  expect(new Set(played).size).toBe(played.length);
});

describe.each(PROMTOOLS)('what must come of it, in %s', (promtool) => {
  const plays = PLAYS.filter((play) => meets(play, promtool));
  it.concurrent.each(plays)('$name', { timeout: 600_000 }, async (play) => {
    const { ok, output } = await runPlay(play, promtool);
    expect(ok, output).toBe(true);
  });

  it('notices a page that does not come, beside one that was expected', { timeout: 600_000 }, async () => {
    const quiet = { name: 'all is well', series: alone({}), minutes: 10 };
    const wrong = { ...quiet, name: 'all is well as well', pages: [{ alert: 'NoWorkers' as const }] };
    const { ok, output } = await runPlay({ name: 'two', situations: [quiet, wrong] }, promtool);
    expect(ok).toBe(false);
    expect(output).toContain('all is well as well');
    expect(output).not.toContain('job="all is well"');
  });
});
