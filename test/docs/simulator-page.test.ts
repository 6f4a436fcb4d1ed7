import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { switchesFor } from '../../src/simulator/queue/preset-switches.ts';
import { ENDPOINTS } from '../../src/simulator/scenarios/fault.ts';
import { SCENARIOS } from '../../src/simulator/scenarios/scenarios.ts';
import { PROVIDERS } from '../../src/wire/presets.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/simulator.md'), 'utf8');

describe('docs/simulator.md', () => {
  it.each(SCENARIOS.map(({ name }) => name))('names the scenario %s', (name) => {
    expect(page).toContain(`| \`${name}\` |`);
  });

  it.each(Object.keys(switchesFor('anthropic')))('names the switch %s', (name) => {
    expect(page).toContain(`\`${name}`);
  });

  it.each([...ENDPOINTS, ...PROVIDERS])('names %s', (name) => {
    expect(page).toContain(`\`${name}\``);
  });
});
