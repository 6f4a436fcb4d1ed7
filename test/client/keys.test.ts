import { describe, expect, it } from 'vitest';
import { ConnectionKeys } from '../../src/client/keys.ts';
import type { Asked } from '../../src/client/work-api.ts';
import type { ApiOperation } from '../../src/domain/environment.ts';
import type { CredentialKind, FailureReason } from '../../src/domain/failure.ts';
import { PRESETS } from '../../src/wire/presets.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { failureOf, startPair, type TestClientOptions, useKeys } from './test-client.ts';
import { apiError, EMPTY_STATS, type Handler, json } from './test-server.ts';

const MINUTE = 60_000;
const refuse = (status: number): Handler => {
  return (_, response) => json(response, status, apiError('authentication_error', 'no'));
};
const answer: Handler = (_, response) => json(response, 200, EMPTY_STATS);

/** A server that answers by the key that it is sent, and its client. */
function startKeys(byKey: { apiKey: Handler; environmentKey: Handler }, options: TestClientOptions = {}) {
  const answers = { ...byKey };
  const handler: Handler = (request, ...rest) =>
    answers[request.headers['x-api-key'] === undefined ? 'environmentKey' : 'apiKey'](request, ...rest);
  return startPair(handler, options).then((pair) => ({ ...pair, answers }));
}

describe('a read with a second key', () => {
  it.each([401, 403])('does not fail because the first is refused with %d', async (status) => {
    const { api, server, budget, verdicts, sent } = await startKeys({ apiKey: refuse(status), environmentKey: answer });
    await api.stats('env_1');
    expect(sent.at(-1)?.credential).toBe('environment_key');
    expect([server.requests.length, budget.taken]).toEqual([2, 2]);
    expect(verdicts).toEqual({ api_key: true, env_1: false });
    // What works is remembered; what is dead is dead for all environments.
    await api.stats('env_1');
    expect(server.requests).toHaveLength(3);
    await api.stats('env_2');
    expect(server.requests).toHaveLength(status === 401 ? 4 : 5);
  });

  it('never fails while the dead key is tried again every ten minutes, and returns to it when it works again', async () => {
    const clock = new ManualClock();
    const { api, server, answers, sent } = await startKeys({ apiKey: refuse(401), environmentKey: answer }, { clock });
    for (let minutes = 0; minutes < 60; minutes++) {
      await api.stats('env_1');
      expect(sent.at(-1)?.credential).toBe('environment_key');
      clock.advanceNow(MINUTE);
    }
    expect(server.requests.filter(({ headers }) => headers['x-api-key'] !== undefined)).toHaveLength(6);
    answers.apiKey = answer;
    await api.stats('env_1');
    expect(sent.at(-1)?.credential).toBe('api_key');
  });

  it('fails when both are refused, after one request each, and then tries one a read', async () => {
    const clock = new ManualClock();
    const { api, server } = await startKeys({ apiKey: refuse(401), environmentKey: refuse(403) }, { clock });
    expect((await failureOf(api.stats('env_1'))).failure).toMatchObject({ reason: 'forbidden', httpStatus: 403 });
    expect(server.requests).toHaveLength(2);
    for (let read = 0; read < 4; read++) {
      clock.advanceNow(60_000);
      await failureOf(api.stats('env_1'));
    }
    expect(server.requests).toHaveLength(6);
  });

  it.each([404, 429, 500, 503])('does not try it for %d', async (status) => {
    const { api, server } = await startKeys({ apiKey: refuse(status), environmentKey: answer });
    await failureOf(api.stats('env_1'));
    expect(server.requests.every(({ headers }) => headers['x-api-key'] !== undefined)).toBe(true);
  });
});

it.each([
  ['a second try', 500, ['env_1']],
  ['a request that waited for a slot', 200, ['env_1', 'env_2']],
])(
  '%s goes out with the key that has come since, and what the old one was told is no verdict on it',
  async (_, status, ids) => {
    const pair = await startPair(
      (__, response, count) => {
        if (count === 1) useKeys(pair.keys, 'new', null);
        json(response, count === 1 ? status : 200, EMPTY_STATS);
      },
      { apiKey: 'old', connection: { maxConcurrentRequests: 1 } },
    );
    await Promise.all(ids.map((id) => pair.api.stats(id)));
    expect(pair.server.requests.map(({ headers }) => headers['x-api-key'])).toEqual(['old', 'new']);
    expect(pair.verdicts).toEqual({ api_key: false });
  },
);

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
  const say = (reason: FailureReason | null) => (read: Read) => {
    const secret = keys.get(read.kind === 'api_key' ? 'api_key' : read.environmentId!)!;
    keys.answered({ ...read, secret }, reason);
  };
  const [accept, refuse, reject] = [say(null), say('forbidden'), say('unauthorized')];
  return { clock, keys, shown, changes: () => changes, accept, refuse, reject };
}

describe('a key that is refused for one read and accepted for another', () => {
  it.each<[Read, Read, shown: string]>([
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
});

describe('a refused discovery', () => {
  const listing = api('environments');
  const read = api('stats');

  it.each(['refuse', 'reject'] as const)('is not a refused key while the key reads environments: %s', (how) => {
    const { shown, accept, ...say } = create();
    accept(read);
    say[how](listing);
    expect(shown).toEqual({ api_key: false });
    say[how](read);
    expect(shown).toEqual({ api_key: true });
    accept(read);
    expect(shown).toEqual({ api_key: false });
  });

  it('is a refused key if the key is not valid, and reads nothing else', () => {
    const { shown, refuse, reject, accept } = create();
    refuse(listing);
    expect(shown).toEqual({});
    reject(listing);
    expect(shown).toEqual({ api_key: true });
    accept(read);
    expect(shown).toEqual({ api_key: false });
  });
});

describe('a refusal is forgotten', () => {
  it('once another key was answered', () => {
    const { keys, refuse, accept, shown } = create();
    refuse(api('retrieve'));
    useKeys(keys, 'two', 'own');
    expect(shown).toEqual({ api_key: true });
    accept(api('stats'));
    expect(shown).toEqual({ api_key: false });
  });

  it('after a quarter of an hour in which the key was not needed for that read', () => {
    const { clock, refuse, accept, shown } = create();
    for (const read of [api('retrieve'), own('stats'), own('stats', 'env_2')]) refuse(read);
    accept(own('list'));
    clock.advanceNow(15 * MINUTE + 1);
    accept(api('stats'));
    expect(shown).toEqual({ api_key: false, env_1: false, env_2: true });
  });

  it('but not that of a key which is only for a rare discovery, until that ends', () => {
    const { clock, keys, reject, accept, shown } = create();
    reject(api('environments'));
    clock.advanceNow(60 * MINUTE);
    accept(own('stats'));
    expect(shown).toEqual({ api_key: true, env_1: false });
    keys.left(null);
    expect(keys.refused).toEqual([]);
  });

  it('with the environment, the discovery, the key or the connection that it was about', () => {
    const { keys, refuse, accept, shown } = create();
    accept(api('stats', 'env_2'));
    for (const read of [api('stats'), own('list'), own('list', 'env_2')]) refuse(read);
    expect(shown).toEqual({ api_key: true, env_1: true, env_2: true });
    keys.left('env_1');
    expect(shown).toEqual({ api_key: false, env_2: true });
    expect(keys.refused).toEqual(['env_2']);
    useKeys(keys, null, 'own');
    expect(shown).toEqual({ env_2: true });
    keys.end();
    expect([shown, keys.refused]).toEqual([{}, []]);
  });
});
