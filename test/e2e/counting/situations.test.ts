import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SITUATIONS } from './situations.ts';
import { inOrder } from './steps.ts';
import { Story } from './story.ts';

for (const [whose, situations] of Object.entries(SITUATIONS)) {
  describe(`whatever becomes of ${whose}, each event counts once`, () => {
    for (const [what, steps, counts, before = {}] of situations) {
      it(what, async () => {
        await using story = new Story();
        await story.begin(before.given, before.configuration);
        await inOrder(...steps)(story);
        expect(await story.counts()).toEqual(counts);
      });
    }
  });
}

const LIVES = 25;
/** What happens next, and what is looked at, comes so much later; reads come every 10 s, and writes every second. */
const STEP_MS = 730;
const COUNTERS = ['created', 'acknowledged', 'stopped'] as const;

/** What the file says has been counted. */
function kept(text: string | null): readonly number[] {
  const { counters = {} } = text === null ? {} : Object(Object.values(JSON.parse(text).environments)[0]);
  return COUNTERS.map((name) => counters[name] ?? 0);
}

it('a process may end at any moment: the file has what was shown, and the next one counts the rest', async () => {
  await using story = new Story();
  await story.begin();
  await story.read();
  const files = new Set<string>();
  const step = async () => {
    await story.pass(STEP_MS);
    const counts = await story.counts();
    const file = existsSync(story.stateFile) ? readFileSync(story.stateFile, 'utf8') : null;
    if (file !== null) files.add(file);
    const shown = COUNTERS.map((name) => counts[name] ?? 0);
    kept(file).forEach((count, n) => {
      expect(count).toBeGreaterThanOrEqual(shown[n]!);
    });
  };
  for (let n = 0; n < LIVES; n++) {
    const id = story.create();
    await step();
    story.acknowledge(id);
    await step();
    await step();
    story.end(id);
    await step();
  }
  await story.read(2);
  const all = { created: LIVES, acknowledged: LIVES, stopped: LIVES };
  expect(await story.counts()).toEqual(all);
  expect(files.size).toBeGreaterThan(5);
  for (const file of files) {
    await story.restart(() => writeFileSync(story.stateFile, file));
    await story.read(2);
    expect(await story.counts()).toEqual(all);
  }
});
