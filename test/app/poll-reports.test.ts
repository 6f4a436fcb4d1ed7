import { expect, it } from 'vitest';
import { saveLedgersIn } from '../../src/app/poll-reports.ts';
import { newLedger } from '../../src/lifecycle/ledger.ts';
import { environment } from '../support/environments.ts';

it('what is counted goes into the state file', async () => {
  const ids: string[] = [];
  const keep = saveLedgersIn(() => ({ save: async (id) => void ids.push(id) }));
  await keep(environment('env_1'), newLedger(0), true);
  expect(ids).toEqual(['env_1']);
});

it('there is nothing to wait for where no state file is configured', () => {
  expect(saveLedgersIn(() => null)(environment('env_1'), newLedger(0), true)).toBeNull();
});
