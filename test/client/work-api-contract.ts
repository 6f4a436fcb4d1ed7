import { describe, expect, it } from 'vitest';
import type { RemoteEnvironment, WorkApi } from '../../src/client/work-api.ts';
import type { QueueStats, WorkItem } from '../../src/domain/work.ts';
import { failureOf } from './test-client.ts';

/** What an implementation under test says there is to read; it must not change while a test runs. */
export interface ContractWorld {
  readonly environmentId: string;
  /** An id of the right form that does not exist. */
  readonly unknownId: string;
  readonly stats: QueueStats;
  /** At least three, so that they fill more than one page of two. */
  readonly items: readonly WorkItem[];
  /** Those that are not archived; at least two. */
  readonly environments: readonly RemoteEnvironment[];
}

export interface ContractSubject {
  readonly api: WorkApi;
  readonly world: ContractWorld;
  stop(): Promise<void>;
}

/** What every implementation of `WorkApi` does alike, fakes included: call it at the top level of a test file. */
export function describeWorkApi(name: string, start: () => Promise<ContractSubject>): void {
  const withSubject = (test: (subject: ContractSubject) => Promise<void>) => async () => {
    const subject = await start();
    try {
      await test(subject);
    } finally {
      await subject.stop();
    }
  };

  describe(`${name} as a WorkApi`, () => {
    it(
      'reads the stats',
      withSubject(async ({ api, world }) => {
        const reply = await api.stats(world.environmentId);
        expect(reply.value).toEqual(world.stats);
        expect(reply.httpStatus).toBe(200);
      }),
    );

    it(
      'reads the whole list in pages of at most the limit',
      withSubject(async ({ api, world }) => {
        const items: WorkItem[] = [];
        const cursors = new Set<string>();
        for (let page: string | null = null; ; ) {
          const { value } = await api.listPage(world.environmentId, { limit: 2, page });
          expect(value.items.length).toBeLessThanOrEqual(2);
          items.push(...value.items);
          page = value.nextPage;
          if (page === null) break;
          expect(cursors).not.toContain(page);
          cursors.add(page);
        }
        const byId = (one: WorkItem, other: WorkItem) => one.id.localeCompare(other.id);
        expect(items.toSorted(byId)).toEqual(world.items.toSorted(byId));
      }),
    );

    it(
      'reads one item as the list shows it',
      withSubject(async ({ api, world }) => {
        const item = world.items[1]!;
        expect((await api.retrieve(world.environmentId, item.id)).value).toEqual(item);
      }),
    );

    it(
      'reads the environments in pages',
      withSubject(async ({ api, world }) => {
        const first = await api.listEnvironments({ limit: 1, page: null });
        expect(first.value.environments).toHaveLength(1);
        const all = await api.listEnvironments({ limit: 100, page: null });
        const expected = world.environments.map((environment) => expect.objectContaining(environment));
        expect(all.value.environments).toEqual(expect.arrayContaining(expected));
        expect(all.value.nextPage).toBeNull();
      }),
    );

    it(
      'fails with not_found for what does not exist',
      withSubject(async ({ api, world }) => {
        const { failure } = await failureOf(api.retrieve(world.environmentId, world.unknownId));
        expect(failure).toMatchObject({ reason: 'not_found', httpStatus: 404 });
        expect(failure.message).not.toBe('');
        expect(failure.remedy).toMatch(/\.$/);
      }),
    );

    it(
      'names a credential that it uses, and never shows the key',
      withSubject(async ({ api, world }) => {
        const use = api.credentialFor('stats', world.environmentId);
        const { credential } = await api.stats(world.environmentId);
        expect(use?.kind).toBe(credential);
        expect(use?.source).not.toMatch(/sk-/);
      }),
    );

    it.each(['poll', 'stats', '..', 'a/b', '%70oll'])('refuses the id %j with a rejection, not a throw', async (id) =>
      withSubject(async ({ api, world }) => {
        const asWork = api.retrieve(world.environmentId, id);
        const asEnvironment = api.stats(id);
        expect((await failureOf(asWork)).failure.reason).toBe('bad_response');
        expect((await failureOf(asEnvironment)).failure.reason).toBe('client_error');
      })(),
    );

    it(
      'ends with the reason of a signal that has aborted',
      withSubject(async ({ api, world }) => {
        const signal = AbortSignal.abort(new Error('stopping'));
        await expect(api.stats(world.environmentId, { signal })).rejects.toThrow('stopping');
      }),
    );
  });
}
