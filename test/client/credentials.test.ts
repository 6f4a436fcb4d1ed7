import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { type ChosenCredential, CredentialChooser } from '../../src/client/credentials.ts';
import type { ApiOperation } from '../../src/domain/environment.ts';
import { PRESETS } from '../../src/wire/presets.ts';
import { ManualClock } from '../support/manual-clock.ts';

const TEN_MINUTES = 600_000;

function create(keys: { apiKey?: string; environmentKeys?: Record<string, string> } = {}) {
  const clock = new ManualClock();
  const store = {
    keys: { apiKey: 'api-1', environmentKeys: { env_1: 'own-1', env_2: 'own-2' } as Record<string, string>, ...keys },
    apiKey() {
      return this.keys.apiKey === '' ? null : new Secret(this.keys.apiKey, 'api');
    },
    environmentKey(id: string) {
      const key = this.keys.environmentKeys[id];
      return key === undefined ? null : new Secret(key, id);
    },
  };
  const chooser = new CredentialChooser(PRESETS.anthropic.credentials, store, clock);
  const kind = (operation: ApiOperation = 'stats', id: string | null = 'env_1') =>
    chooser.peek(operation, id)?.kind ?? null;
  /** One call that the API refuses, or takes when there is no status. */
  const call = (status: number | null, id = 'env_1', operation: ApiOperation = 'stats'): ChosenCredential => {
    const chosen = chooser.take(operation, id)!;
    const use = { ...chosen, operation, environmentId: id };
    if (status === null) chooser.accepted(use);
    else chooser.refused(use, status);
    return chosen;
  };
  return { clock, store, chooser, kind, call };
}

describe('the choice of a credential', () => {
  it('follows the order of the preset, per operation', () => {
    const { kind } = create();
    expect([kind('stats'), kind('list'), kind('retrieve'), kind('environments', null)]).toEqual([
      'api_key',
      'environment_key',
      'api_key',
      'api_key',
    ]);
  });

  it('a request uses the first credential of its preset that is configured', () => {
    const { kind } = create({ apiKey: '' });
    expect([kind('stats'), kind('list'), kind('retrieve'), kind('environments', null), kind('stats', 'env_9')]).toEqual(
      ['environment_key', 'environment_key', null, null, null],
    );
  });

  it('takes the next after a refusal, and stays with what works', () => {
    const { clock, kind, call } = create();
    call(401);
    expect(kind()).toBe('environment_key');
    for (let at = 0; at < 10; at++) {
      clock.advanceNow(59_000);
      expect(call(null).kind).toBe('environment_key');
    }
  });

  it('tries the preferred one again after ten minutes', () => {
    const { clock, kind, call } = create();
    call(403);
    clock.advanceNow(TEN_MINUTES - 1);
    expect(kind()).toBe('environment_key');
    clock.advanceNow(1);
    expect(call(403).kind).toBe('api_key');
    expect(call(null).kind).toBe('environment_key');
    clock.advanceNow(TEN_MINUTES);
    expect(call(null).kind).toBe('api_key');
    expect(kind()).toBe('api_key');
  });

  it('tries the preferred one again at once when its value changes', () => {
    const { store, kind, call } = create();
    call(401);
    store.keys.apiKey = 'api-2';
    expect(kind()).toBe('api_key');
    store.keys.apiKey = 'api-1';
    expect(kind()).toBe('environment_key');
  });

  it('takes them in turn when all are refused, one per call', () => {
    const { clock, call } = create();
    const kinds = Array.from({ length: 4 }, () => {
      clock.advanceNow(1000);
      return call(401).kind;
    });
    expect(kinds).toEqual(['api_key', 'environment_key', 'api_key', 'environment_key']);
  });

  it('has no other choice with one key', () => {
    const { call } = create({ environmentKeys: {} });
    expect([call(401).kind, call(401).kind]).toEqual(['api_key', 'api_key']);
  });

  it('knows a dead API key for all environments, and a forbidden one for its own only', () => {
    const dead = create();
    dead.call(401);
    expect(dead.kind('stats', 'env_2')).toBe('environment_key');
    const forbidden = create();
    forbidden.call(403);
    expect(forbidden.kind('stats', 'env_2')).toBe('api_key');
  });

  it('lets one environment try a dead API key again, not all at once', () => {
    const { clock, chooser, call, kind } = create();
    call(401);
    clock.advanceNow(TEN_MINUTES);
    expect(chooser.take('stats', 'env_1')?.kind).toBe('api_key');
    expect(kind('stats', 'env_2')).toBe('environment_key');
    expect(kind('stats', 'env_1')).toBe('environment_key');
  });

  it('a refused key of one operation is still used for others', () => {
    const { kind, call } = create();
    call(401, 'env_1', 'retrieve');
    expect(kind('stats')).toBe('api_key');
  });
});
