import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { play } from '../../src/rehearse/play.ts';
import { storyOf, unexpected } from '../../src/rehearse/story.ts';
import { scenarioSchema } from '../../src/simulator/scenario-schema.ts';
import { scriptOf } from '../../src/simulator/scenarios.ts';

/** A scenario (docs/simulator.md), and who is told what in it. */
interface Situation {
  readonly name: string;
  /** `no_workers/critical of prod 13-18 over 47?`: told between two minutes, over by a third; `?`: or not at all. */
  readonly told?: readonly string[];
  /** Tickets that may come besides, as often as they like. */
  readonly may?: readonly string[];
  readonly [scenario: string]: unknown;
}

const FOLDER = new URL('./situations/', import.meta.url).pathname;
const TOLD = /^(\w+)(?:\/(\w+))?(?: of (\S+?))?(?: ([\d.]+)-([\d.]+))?(?: over ([\d.]+))?(\?)?$/;

function expected(line: string) {
  const [, condition, severity, subject, from = 0, to, over, optional] = TOLD.exec(line)!;
  const isOfConnection = /^(?:api_|rate_|fleets_|discovery_|key_expiring)/.test(condition!);
  return {
    ...{ condition, from: Number(from), optional: optional === '?' },
    ...(severity !== undefined && { severity }),
    ...(subject !== undefined && { [isOfConnection ? 'connection' : 'environment']: subject }),
    ...(to !== undefined && { to: Number(to) }),
    ...(over !== undefined && { ended_by: Number(over) }),
  };
}

const ticket = (condition: string) => ({ condition, severity: 'warning', optional: true });

describe.each(readdirSync(FOLDER))('%s', (file) => {
  const situations = parse(readFileSync(FOLDER + file, 'utf8')) as readonly Situation[];

  it.each(situations)('$name', { timeout: 120_000 }, async ({ name, told = [], may = [], ...scenario }) => {
    const pages = [...told.map(expected), ...may.flatMap((condition) => Array(20).fill(ticket(condition)))];
    const script = scriptOf(scenarioSchema.parse({ ...scenario, expect: { pages } }), { name });
    const played = await play(script, { env: {} });
    if (!played.ok) throw new Error(JSON.stringify(played.problems));
    expect(unexpected(script, played.events), storyOf(script, played.events)).toEqual([]);
  });
});
