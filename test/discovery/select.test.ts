import { describe, expect, it } from 'vitest';
import type { RemoteEnvironment } from '../../src/client/work-api.ts';
import { selectEnvironments } from '../../src/discovery/select.ts';

function remote(id: string, change: Partial<RemoteEnvironment> = {}): RemoteEnvironment {
  return { id, name: id.replace('env_', ''), configType: 'self_hosted', archived: false, ...change };
}

const all = { include: ['*'], exclude: [], maxEnvironments: 500 };
const ids = (environments: readonly RemoteEnvironment[]) => environments.map(({ id }) => id);

describe('selectEnvironments', () => {
  it('watches what is self-hosted, open and not configured by hand', () => {
    const found = [
      remote('env_a'),
      remote('env_b', { configType: 'cloud' }),
      remote('env_c', { archived: true }),
      remote('env_d'),
    ];
    const selection = selectEnvironments(found, all, new Set(['env_d']));
    expect(ids(selection.watched)).toEqual(['env_a']);
    expect(selection).toMatchObject({ dropped: [], archived: 1 });
  });

  it('matches globs on name and on id, and exclusion wins', () => {
    const found = [remote('env_1', { name: 'team-a/prod' }), remote('env_2', { name: 'team-b' }), remote('env_3')];
    const pick = (include: string[], exclude: string[] = []) =>
      ids(selectEnvironments(found, { ...all, include, exclude }, new Set()).watched);
    expect(pick(['team-*/*'])).toEqual(['env_1']);
    expect(pick(['env_[23]'])).toEqual(['env_2', 'env_3']);
    expect(pick(['*', 'team-a/*'], ['env_3'])).toEqual(['env_1', 'env_2']);
    expect(pick(['env_2'], ['team-b'])).toEqual([]);
  });

  it('drops what is over the limit, always the same, and says how many', () => {
    const found = ['env_c', 'env_a', 'env_b'].map((id) => remote(id));
    const selection = selectEnvironments(found, { ...all, maxEnvironments: 2 }, new Set());
    expect(ids(selection.watched)).toEqual(['env_a', 'env_b']);
    expect(ids(selection.dropped)).toEqual(['env_c']);
  });
});
