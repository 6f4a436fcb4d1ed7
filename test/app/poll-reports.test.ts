import { expect, it } from 'vitest';
import { saveLedgersIn } from '../../src/app/poll-reports.ts';
import { newLedger } from '../../src/lifecycle/ledger.ts';
import { environment } from '../support/environments.ts';

it.each([
  { source: 'config', kept: ['env_1'] },
  { source: 'discovery', kept: ['env_1'] },
  { source: 'drill', kept: [] },
] as const)(
  'what is counted of an environment from $source goes into the state file: $kept',
  async ({ source, kept }) => {
    const ids: string[] = [];
    const keep = saveLedgersIn(() => ({ save: async (id) => void ids.push(id) }));
    await keep(environment('env_1', { source }), newLedger(0), 'counted');
    expect(ids).toEqual(kept);
  },
);

it('there is nothing to wait for where no state file is configured', () => {
  expect(saveLedgersIn(() => null)(environment('env_1'), newLedger(0), 'counted')).toBeNull();
});
