import { describe, expect, it } from 'vitest';
import { cannotConfirm } from '../../src/app/cannot-confirm.ts';
import type { FailureReason } from '../../src/domain/failure.ts';
import { configurationOf, simulatedApi, type TestSimulator } from '../support/simulated-api.ts';
import { RunningApp } from './running-app.ts';

interface Seen {
  readonly evaluated_at: string | null;
  readonly environments: readonly { readonly conditions: readonly { readonly alert: string }[] }[];
}

it('after a start, no list that was not tried yet is said to be unreadable', async () => {
  await using api = await simulatedApi({ environments: 30 });
  await using running = await RunningApp.start(configurationOf(api, { poll: {} }));
  running.app.watchConditions();
  let seen!: Seen;
  await running.waitUntil(async () => {
    seen = (await (await fetch(`${running.url}/api/v1/environments`)).json()) as Seen;
    return seen.evaluated_at !== null;
  });
  expect(seen.environments.flatMap(({ conditions }) => conditions)).toEqual([]);
  expect(await running.page()).not.toContain('May alert soon');
});

it.each([
  ['was not tried yet, or has succeeded since the scrape that was evaluated', { failure: null }, true],
  ['fails', failure('server_error'), false],
  ['fails for a reason that alerts about keys report', failure('unauthorized'), true],
  ['fails for a reason that alerts about the configuration report', failure('not_found'), true],
  ['is of an environment that is no longer watched', undefined, false],
] as const)('a read that %s: can it not confirm?', (_what, read, expected) => {
  expect(cannotConfirm(read)).toBe(expected);
});

function failure(reason: FailureReason) {
  return { failure: { reason, httpStatus: null, message: '', remedy: '', requestId: null, since: 0 } };
}

describe('in the first minute after a start', () => {
  /** Just after each evaluation. */
  const LOOKS = [5, 35, 65];

  /** The alerts that any evaluation had. */
  async function saidOf(change: (api: TestSimulator) => unknown): Promise<ReadonlySet<string>> {
    await using api = await simulatedApi({ environments: 2 });
    await using running = await RunningApp.start(change(api));
    running.app.watchConditions();
    const [startedAt, said] = [running.clock.now(), new Set<string>()];
    for (const seconds of LOOKS) {
      await running.waitUntil(() => running.clock.now() >= startedAt + seconds * 1000);
      const seen = (await (await fetch(`${running.url}/api/v1/environments`)).json()) as Seen;
      expect(seen.evaluated_at).not.toBeNull();
      for (const { conditions } of seen.environments) for (const { alert } of conditions) said.add(alert);
    }
    return said;
  }

  it('a key that is refused for the lists is not told as lists that may soon be unreadable', async () => {
    const wrong = (api: TestSimulator) => {
      const { environments, ...rest } = configurationOf(api);
      return { ...rest, environments: environments.map((one) => ({ ...one, environment_key: 'sk-ant-oat01-wrong' })) };
    };
    expect(await saidOf(wrong)).not.toContain('AnthropicWorkItemsNotVisible');
  });

  it('lists that fail for another reason are', async () => {
    const failing = (api: TestSimulator) => {
      api.setFaults([{ kind: 'status', status: 503, endpoints: ['list'] }]);
      return configurationOf(api);
    };
    expect(await saidOf(failing)).toContain('AnthropicWorkItemsNotVisible');
  });
});
