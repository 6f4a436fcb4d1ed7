import { describe, expect, it } from 'vitest';
import { SITUATIONS } from './situations/all-situations.ts';
import { alone } from './support/rule-case.ts';
import { playsOf, runPlay } from './support/run-situations.ts';

/** In this order, the plays of most environments and minutes meet the newer one, which takes half as much CPU. */
const PROMTOOLS = ['promtool', 'promtool-3'] as const;

/** All of them on both costs some minutes of a core: here each play meets one of the two, in turn. */
const ON_BOTH = process.env.SITUATIONS === 'all';

const ALL = Object.values(SITUATIONS).flat();
const PLAYS = playsOf(ALL);

it('plays every situation once', () => {
  const played = PLAYS.flatMap(({ situations }) => situations.map(({ name }) => name));
  expect(played.toSorted()).toEqual(ALL.map(({ name }) => name).toSorted());
  expect(new Set(played).size).toBe(played.length);
});

describe.each(PROMTOOLS.map((name, turn) => [name, turn] as const))('what must come of it, in %s', (promtool, turn) => {
  const plays = PLAYS.filter((_, index) => ON_BOTH || index % PROMTOOLS.length === turn);
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
