import { describe, expect, it } from 'vitest';
import {
  CredentialVerdicts,
  logVerdict,
  type VerdictChange,
} from '../../../src/app/connections/credential-verdicts.ts';
import type { LogFields } from '../../../src/base/logger.ts';
import { Secret } from '../../../src/base/secret.ts';
import type { JudgedCredential } from '../../../src/client/client-observer.ts';
import type { ApiOperation } from '../../../src/domain/environment.ts';
import { SharedLines } from '../../../src/poller/shared-lines.ts';
import { startPair } from '../../client/start-pair.ts';
import { impatientClock } from '../../client/test-client.ts';
import { EMPTY_STATS, json } from '../../client/test-server.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { silentLogger } from '../../support/silent-logger.ts';

const MINUTE = 60_000;

type Read = Pick<JudgedCredential, 'credential' | 'operation' | 'environmentId'> & { readonly value?: string };

function create() {
  const clock = new ManualClock();
  const changes: VerdictChange[] = [];
  const verdicts = new CredentialVerdicts(clock, (change) => changes.push(change));
  const judge =
    (accepted: boolean | null, isNotFound = false) =>
    ({ value = 'one', ...read }: Read) => {
      const isFirst = (read.credential === 'environment_key') === (read.operation === 'list');
      verdicts.judged({ connection: 'main', ...read, secret: new Secret(value, 'f'), accepted, isNotFound, isFirst });
    };
  /** What the metric shows now, by credential. */
  const shown = () => {
    const last = new Map(changes.map(({ environmentId, refused }) => [environmentId ?? 'api_key', refused]));
    return Object.fromEntries([...last].filter(([, refused]) => refused !== null));
  };
  const [accept, refuse, answer, notFound] = [judge(true), judge(false), judge(null), judge(null, true)];
  return { clock, verdicts, changes, shown, accept, refuse, answer, notFound };
}

const api = (operation: ApiOperation, environment = 'env_1'): Read => ({
  credential: 'api_key',
  operation,
  environmentId: operation === 'environments' ? null : environment,
});
const own = (operation: ApiOperation, environmentId = 'env_1'): Read => ({
  credential: 'environment_key',
  operation,
  environmentId,
});

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
    expect(shown()).toEqual({ [name]: true });
    expect(changes).toHaveLength(1);
    accept(refused);
    expect(shown()).toEqual({ [name]: false });
  });

  it('is refused although another key takes over', () => {
    const { clock, refuse, accept, shown } = create();
    refuse(api('stats'));
    for (let minute = 0; minute < 60; minute++) {
      accept(own('stats'));
      accept(api('stats', 'env_2'));
      clock.advanceNow(MINUTE);
    }
    expect(shown()).toEqual({ api_key: true, env_1: false });
  });
});

describe('a refusal is forgotten', () => {
  it.each<[string, Read, Read, shown: object]>([
    ['the key that is meant for the read does it', own('stats'), api('stats'), { api_key: false }],
    ['the key has changed', api('environments'), { ...api('stats'), value: 'two' }, { api_key: false }],
  ])('once %s', (_, refused, accepted, expected) => {
    const { refuse, accept, shown } = create();
    refuse(refused);
    accept(accepted);
    expect(shown()).toEqual(expected);
  });

  it.each(['retrieve', 'session'] as const)(
    'a quarter of an hour after a %s, which is read when needed',
    (operation) => {
      const { clock, refuse, accept, shown } = create();
      refuse(api(operation));
      clock.advanceNow(15 * MINUTE);
      accept(api('stats'));
      expect(shown()).toEqual({ api_key: true });
      clock.advanceNow(1);
      accept(api('stats'));
      expect(shown()).toEqual({ api_key: false });
    },
  );

  it('once its read finds nothing, and not by an answer that says nothing of the key', () => {
    const { refuse, answer, notFound, shown } = create();
    refuse(api('stats'));
    answer(api('stats'));
    notFound(api('stats', 'env_2'));
    expect(shown()).toEqual({ api_key: true });
    notFound(api('stats'));
    expect(shown()).toEqual({});
  });

  it('with the environment, the discovery, the key or the connection that it was about', () => {
    const { verdicts, refuse, accept, shown } = create();
    accept(api('stats', 'env_2'));
    for (const read of [api('stats'), api('environments'), own('list'), own('list', 'env_2')]) refuse(read);
    verdicts.environmentLeft('other', 'env_1');
    expect(shown()).toEqual({ api_key: true, env_1: true, env_2: true });
    verdicts.environmentLeft('main', 'env_1');
    expect(shown()).toEqual({ api_key: true, env_2: true });
    verdicts.discoveryStopped('main');
    expect(shown()).toEqual({ api_key: false, env_2: true });
    expect(verdicts.refusedKeys('main')).toEqual(['env_2']);
    verdicts.keyRemoved('main', null);
    expect(shown()).toEqual({ env_2: true });
    verdicts.connectionRemoved('main');
    expect(shown()).toEqual({});
    expect(verdicts.refusedKeys('main')).toEqual([]);
  });
});

it.each(['both at once', 'the environment key first'])(
  'two keys that were both refused and are mended, %s, are both good within a few reads',
  async (order) => {
    let later = 0;
    const clock = { ...impatientClock, monotonic: () => impatientClock.monotonic() + later };
    const verdicts = new CredentialVerdicts(clock, () => {});
    const mended = new Set<string>();
    const { api: reads, observer } = await startPair(
      ({ headers }, response) =>
        mended.has(headers['x-api-key'] === undefined ? 'own' : 'api')
          ? json(response, 200, EMPTY_STATS)
          : response.writeHead(401).end(),
      { clock },
    );
    observer.credentialJudged = (event) => verdicts.judged(event);
    const read = () => reads.stats('env_1').catch(() => {});
    for (let n = 0; n < 4; n++) await read();
    expect(verdicts.refusedKeys('default')).toEqual(['api_key', 'env_1']);
    mended.add('own');
    if (order === 'both at once') mended.add('api');
    for (let n = 0; n < 2; n++) await read();
    mended.add('api');
    // An API key that is refused alone is tried again after ten minutes.
    if (order !== 'both at once') later = 10 * MINUTE;
    for (let n = 0; n < 2; n++) await read();
    expect(verdicts.refusedKeys('default')).toEqual([]);
  },
);

it('the log says once that a key is refused, and once that it is taken again; many keys share a line', () => {
  const lines: LogFields[] = [];
  const write = (line: LogFields) => void lines.push(line);
  const logger = { ...silentLogger, info: write, warn: write };
  const shared = new SharedLines(logger, new ManualClock());
  const verdicts = new CredentialVerdicts(new ManualClock(), (change) => logVerdict(logger, shared, change));
  const judge = (read: Read, accepted: boolean) => {
    const event = { connection: 'main', ...read, accepted, isNotFound: false, isFirst: true };
    verdicts.judged({ ...event, secret: new Secret('one', 'f') });
  };
  const ids = Array.from({ length: 14 }, (_, n) => `env_${n}`);
  for (const accepted of [true, false, false, true, true]) {
    judge(api('stats'), accepted);
    for (const id of ids) judge(own('list', id), accepted);
  }
  shared.end();
  const told = (event: string) => lines.filter((line) => line.event === event);
  for (const event of ['credential.rejected', 'credential.accepted'])
    expect(told(event).map(({ environment_id }) => environment_id)).toEqual([null, ...ids.slice(0, 10)]);
  for (const event of ['credentials.rejected', 'credentials.accepted'])
    expect(told(event)).toMatchObject([{ connection: 'main', environments: 4, environment_ids: ids.slice(10) }]);
});
