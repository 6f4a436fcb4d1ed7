import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/base/files.ts';
import { CONDITION_NAMES } from '../../src/diagnosis/conditions.ts';
import { unexpected } from '../../src/rehearse/expectation.ts';
import { play } from '../../src/rehearse/play.ts';
import { storyOf } from '../../src/rehearse/story.ts';
import { type ReadScenario, readScenario } from '../../src/simulator/scenario-schema.ts';
import { scriptOf } from '../../src/simulator/script.ts';

const FOLDER = new URL('../../examples/scenarios/', import.meta.url).pathname;
const FILES = readdirSync(FOLDER);

async function read(file: string): Promise<ReadScenario & { readonly ok: true }> {
  const scenario = await readScenario(FOLDER + file, nodeFiles);
  if (!scenario.ok) throw new Error(JSON.stringify(scenario.problems));
  return scenario;
}

describe('the examples of scenarios', () => {
  it.each(FILES)('%s: is told as it expects', { timeout: 60_000 }, async (file) => {
    const { scenario, source } = await read(file);
    const rehearsal = scriptOf(scenario, { name: file });
    const played = await play(rehearsal, { env: {}, source });
    expect(played.ok).toBe(true);
    const events = played.ok ? played.events : [];
    expect(unexpected(rehearsal, events), storyOf(rehearsal, events)).toEqual([]);
  });

  it('show each condition at least once', async () => {
    const scenarios = await Promise.all(FILES.map(read));
    const expected = scenarios.flatMap(
      ({ scenario }) => scenario.expect?.pages.map(({ condition }) => condition) ?? [],
    );
    expect(CONDITION_NAMES.filter((name) => !expected.includes(name))).toEqual([]);
  });
});
