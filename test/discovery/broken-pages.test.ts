import { describe, expect, it } from 'vitest';
import type { EnvironmentsPage, PageRequest, RemoteEnvironment } from '../../src/client/work-api.ts';
import { BrokenPages, discoverEnvironments } from '../../src/discovery/discover.ts';
import { apiError } from '../support/api-errors.ts';
import { environmentsPage, ScriptedWorkApi } from '../support/scripted-work-api.ts';

const ONE: RemoteEnvironment = { id: 'env_1', name: 'prod', configType: 'self_hosted', archived: false };
const SIZES = { pageSize: 1000, fallbackPageSize: 100 };

function discover(answer: (page: PageRequest) => EnvironmentsPage) {
  const api = new ScriptedWorkApi();
  api.onEnvironments = answer;
  return { api, result: discoverEnvironments(api, SIZES) };
}

describe('pages of environments that do not lead to their end', () => {
  it.each<[what: string, next: (page: string | null) => Partial<EnvironmentsPage>, requests: number]>([
    ['the first page leads to itself', () => ({ nextPage: 'a' }), 2],
    ['two pages lead to each other', (page) => ({ nextPage: page === 'a' ? 'b' : 'a' }), 3],
    ['the third leads back to the second', (page) => ({ nextPage: page === null ? 'a' : page === 'a' ? 'b' : 'a' }), 3],
    ['the first has more and no cursor', () => ({ nextPage: null, chainBroken: true as const }), 1],
    [
      'the second has more and no cursor',
      (page) => (page === null ? { nextPage: 'a' } : { nextPage: null, chainBroken: true as const }),
      2,
    ],
    ['they never end', (page) => ({ nextPage: `${page ?? ''}a` }), 100],
  ])('%s: the discovery fails', async (_, next, requests) => {
    const { api, result } = discover(({ page }) => ({ ...environmentsPage([ONE]), ...next(page) }));
    await expect(result).rejects.toBeInstanceOf(BrokenPages);
    await expect(result).rejects.toMatchObject({
      failure: {
        reason: 'bad_response',
        message: expect.stringContaining('did not reach its end'),
        remedy: expect.any(String),
      },
    });
    expect(api.count('environments')).toBe(requests);
  });
});

describe('the size of a page', () => {
  const limits = (api: ScriptedWorkApi) => api.calls.map(({ page }) => page!.limit);
  const tooLarge = () => apiError('client_error', { httpStatus: 400 });

  it.each([400, 422])('falls back where the first page is refused with %d', async (httpStatus) => {
    const { api, result } = discover(({ limit, page }) => {
      if (limit > 100) throw apiError('client_error', { httpStatus });
      return environmentsPage([ONE], page === null ? 'a' : null);
    });
    expect((await result).environments).toEqual([ONE]);
    expect(limits(api)).toEqual([1000, 100, 100]);
  });

  it.each([
    ['first', null],
    ['second', 'a'],
  ])('falls back where the %s page holds more than is accepted of one answer', async (_, large) => {
    const { api, result } = discover(({ limit, page }) => {
      if (limit > 100 && page === large) throw apiError('bad_response', { httpStatus: 200, tooMuch: true });
      return page === null ? { ...environmentsPage([ONE], 'a'), skipped: ['an odd id'] } : environmentsPage([ONE]);
    });
    expect(await result).toEqual({ environments: [ONE], skipped: ['an odd id'] });
    expect(limits(api)).toEqual([...(large === null ? [1000] : [1000, 1000]), 100, 100]);
    expect(api.calls.map(({ page }) => page!.page).slice(-2)).toEqual([null, 'a']);
  });

  it('gives up where there are more environments than pages of that size can hold', async () => {
    const pageOf = (page: number) =>
      environmentsPage(
        Array.from({ length: 30_000 }, (_, n) => ({ ...ONE, id: `env_${page}_${n}` })),
        `${page + 1}`,
      );
    const { api, result } = discover(({ page }) => pageOf(Number(page ?? 0)));
    await expect(result).rejects.toThrow('more than 100000 environments');
    expect(api.calls).toHaveLength(4);
  });

  it('falls back once: what refuses the smaller one fails', async () => {
    const { api, result } = discover(() => {
      throw tooLarge();
    });
    await expect(result).rejects.toMatchObject({ failure: { httpStatus: 400 } });
    expect(limits(api)).toEqual([1000, 100]);
  });

  it.each([401, 403, 404, 429, 503])('does not change for %d', async (httpStatus) => {
    const { api, result } = discover(() => {
      throw apiError('server_error', { httpStatus });
    });
    await expect(result).rejects.toMatchObject({ failure: { httpStatus } });
    expect(limits(api)).toEqual([1000]);
  });

  it('does not change for a cursor that is refused', async () => {
    const { api, result } = discover(({ page }) => {
      if (page !== null) throw tooLarge();
      return environmentsPage([ONE], 'a');
    });
    await expect(result).rejects.toMatchObject({ failure: { httpStatus: 400 } });
    expect(limits(api)).toEqual([1000, 1000]);
  });
});
