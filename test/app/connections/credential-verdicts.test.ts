import { describe, expect, it } from 'vitest';
import { CredentialVerdicts } from '../../../src/app/connections/credential-verdicts.ts';
import type { LogFields } from '../../../src/base/logger.ts';
import { Secret } from '../../../src/base/secret.ts';
import type { JudgedCredential } from '../../../src/client/work-api.ts';
import type { ApiOperation } from '../../../src/domain/environment.ts';
import { SharedLines } from '../../../src/poller/shared-lines.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { silentLogger } from '../../support/silent-logger.ts';

const MINUTE = 60_000;

type Read = Pick<JudgedCredential, 'credential' | 'operation' | 'environmentId'> & { readonly value?: string };

function create() {
  const clock = new ManualClock();
  const lines: LogFields[] = [];
  const write = (line: LogFields) => void lines.push(line);
  const logger = { ...silentLogger, info: write, warn: write };
  const shared = new SharedLines(logger, clock);
  /** What the metric shows now, by credential. */
  const shown: Record<string, boolean> = {};
  let changes = 0;
  const told = (_: string, key: string, refused: boolean | null) => {
    changes++;
    if (refused === null) delete shown[key];
    else shown[key] = refused;
  };
  const verdicts = new CredentialVerdicts({ clock, logger, shared, told });
  const judge =
    (accepted: boolean) =>
    ({ value = 'one', ...read }: Read) =>
      verdicts.judged({ connection: 'main', ...read, secret: new Secret(value, 'f'), accepted });
  return { clock, verdicts, shown, changes: () => changes, accept: judge(true), refuse: judge(false), lines, shared };
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
  it('once the key has changed', () => {
    const { refuse, accept, shown } = create();
    refuse(api('environments'));
    accept({ ...api('stats'), value: 'two' });
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
    const { verdicts, refuse, accept, shown } = create();
    accept(api('stats', 'env_2'));
    for (const read of [api('stats'), api('environments'), own('list'), own('list', 'env_2')]) refuse(read);
    verdicts.environmentLeft('other', 'env_1');
    expect(shown).toEqual({ api_key: true, env_1: true, env_2: true });
    verdicts.environmentLeft('main', 'env_1');
    expect(shown).toEqual({ api_key: true, env_2: true });
    verdicts.discoveryStopped('main');
    expect(shown).toEqual({ api_key: false, env_2: true });
    expect(verdicts.refusedKeys('main')).toEqual(['env_2']);
    verdicts.keyRemoved('main', null);
    expect(shown).toEqual({ env_2: true });
    verdicts.connectionRemoved('main');
    expect(shown).toEqual({});
    expect(verdicts.refusedKeys('main')).toEqual([]);
  });
});

it('the log says once that a key is refused, and once that it is taken again; many keys share a line', () => {
  const { accept, refuse, lines, shared } = create();
  const ids = Array.from({ length: 14 }, (_, n) => `env_${n}`);
  for (const judge of [accept, refuse, refuse, accept, accept]) {
    judge(api('stats'));
    for (const id of ids) judge(own('list', id));
  }
  shared.end();
  const told = (event: string) => lines.filter((line) => line.event === event);
  for (const event of ['credential.rejected', 'credential.accepted'])
    expect(told(event).map(({ environment_id }) => environment_id)).toEqual([null, ...ids.slice(0, 10)]);
  for (const event of ['credentials.rejected', 'credentials.accepted'])
    expect(told(event)).toMatchObject([{ connection: 'main', environments: 4, environment_ids: ids.slice(10) }]);
});
