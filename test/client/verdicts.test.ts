import { describe, expect, it } from 'vitest';
import { ConnectionKeys, type KeyAnswer } from '../../src/client/keys.ts';
import type { Asked } from '../../src/client/work-api.ts';
import type { ApiOperation } from '../../src/domain/environment.ts';
import type { CredentialKind } from '../../src/domain/failure.ts';
import { PRESETS } from '../../src/wire/presets.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { useKeys } from './test-client.ts';

const MINUTE = 60_000;

type Read = Asked & { readonly kind: CredentialKind };

const api = (operation: ApiOperation, environment = 'env_1'): Read => ({
  kind: 'api_key',
  operation,
  environmentId: operation === 'environments' ? null : environment,
});
const own = (operation: ApiOperation, environmentId = 'env_1'): Read => ({
  kind: 'environment_key',
  operation,
  environmentId,
});

function create() {
  const clock = new ManualClock();
  /** What the metric shows now, by credential. */
  const shown: Record<string, boolean> = {};
  let changes = 0;
  const keys = new ConnectionKeys(PRESETS.anthropic.credentials, clock, (name, { isRefused }) => {
    changes++;
    if (isRefused === null) delete shown[name];
    else shown[name] = isRefused;
  });
  useKeys(keys, 'one', 'own');
  const say = (answer: KeyAnswer) => (read: Read) => {
    const secret = keys.get(read.kind === 'api_key' ? 'api_key' : read.environmentId!)!;
    keys.answered({ ...read, secret }, answer);
  };
  return { clock, keys, shown, changes: () => changes, accept: say('accepted'), refuse: say('refused') };
}

describe('a key that is refused for one read and accepted for another', () => {
  it.each<[Read, Read, shown: string]>([
    [api('environments'), api('stats'), 'api_key'],
    [api('stats'), api('stats', 'env_2'), 'api_key'],
    [own('list'), own('stats'), 'env_1'],
    [own('stats'), own('list'), 'env_1'],
  ])('is refused without a break: %j, %j', (refused, accepted, name) => {
    const { clock, refuse, accept, shown, changes } = create();
    for (let minute = 0; minute < 60; minute++) {
      refuse(refused);
      accept(accepted);
      clock.advanceNow(MINUTE);
    }
    expect(shown).toEqual({ [name]: true });
    expect(changes()).toBe(1);
    accept(refused);
    expect(shown).toEqual({ [name]: false });
  });

  it('is refused although another key takes over, which tries it each ten minutes', () => {
    const { clock, refuse, accept, shown } = create();
    for (let minute = 0; minute < 60; minute++) {
      if (minute % 10 === 0) refuse(api('stats'));
      accept(own('stats'));
      accept(api('stats', 'env_2'));
      clock.advanceNow(MINUTE);
    }
    expect(shown).toEqual({ api_key: true, env_1: false });
  });
});

describe('a refusal is forgotten', () => {
  it('once another key was answered', () => {
    const { keys, refuse, accept, shown } = create();
    refuse(api('environments'));
    useKeys(keys, 'two', 'own');
    expect(shown).toEqual({ api_key: true });
    accept(api('stats'));
    expect(shown).toEqual({ api_key: false });
  });

  it('after a quarter of an hour in which the key was not needed for that read, but not by a rare discovery', () => {
    const { clock, refuse, accept, shown } = create();
    for (const read of [api('retrieve'), own('stats'), own('stats', 'env_2')]) refuse(read);
    accept(own('list'));
    clock.advanceNow(15 * MINUTE + 1);
    accept(api('stats'));
    expect(shown).toEqual({ api_key: false, env_1: false, env_2: true });
    refuse(api('environments'));
    clock.advanceNow(60 * MINUTE);
    accept(api('stats'));
    expect(shown.api_key).toBe(true);
  });

  it('with the environment, the discovery, the key or the connection that it was about', () => {
    const { keys, refuse, accept, shown } = create();
    accept(api('stats', 'env_2'));
    for (const read of [api('stats'), api('environments'), own('list'), own('list', 'env_2')]) refuse(read);
    expect(shown).toEqual({ api_key: true, env_1: true, env_2: true });
    keys.left('env_1');
    expect(shown).toEqual({ api_key: true, env_2: true });
    keys.left(null);
    expect(shown).toEqual({ api_key: false, env_2: true });
    expect(keys.refused).toEqual(['env_2']);
    useKeys(keys, null, 'own');
    expect(shown).toEqual({ env_2: true });
    keys.end();
    expect([shown, keys.refused]).toEqual([{}, []]);
  });
});
