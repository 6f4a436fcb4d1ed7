import { describe, expect, it } from 'vitest';
import { logVerdict, type VerdictChange } from '../../../src/app/connections/credential-log.ts';
import { CredentialVerdicts } from '../../../src/app/connections/credential-verdicts.ts';
import type { LogFields } from '../../../src/base/logger.ts';
import { Secret } from '../../../src/base/secret.ts';
import { API_OPERATIONS, type ApiOperation } from '../../../src/domain/environment.ts';
import type { CredentialKind } from '../../../src/domain/failure.ts';
import { SharedLines } from '../../../src/poller/shared-lines.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { silentLogger } from '../../support/silent-logger.ts';

const MINUTE = 60_000;

interface Read {
  readonly credential: CredentialKind;
  readonly operation: ApiOperation;
  readonly environmentId: string | null;
  readonly value?: string;
}

function create() {
  const clock = new ManualClock();
  const changes: VerdictChange[] = [];
  const verdicts = new CredentialVerdicts(clock, (change) => changes.push(change));
  const secrets = new Map<string, Secret>();
  const secretOf = (value: string) => secrets.get(value) ?? secrets.set(value, new Secret(value, 'file')).get(value)!;
  const judge =
    (accepted: boolean | null, isNotFound = false) =>
    ({ value = 'one', ...read }: Read) =>
      verdicts.judged({ connection: 'main', ...read, secret: secretOf(value), accepted, isNotFound });
  /** What the metric shows now, by credential. */
  const shown = () =>
    Object.fromEntries(
      changes
        .map(({ environmentId, refused }) => [environmentId ?? 'api_key', refused] as const)
        .filter(([credential, refused], at, all) => {
          return refused !== null && !all.slice(at + 1).some(([later]) => later === credential);
        }),
    );
  /** Their values are the same as before. */
  const readAgain = () => secrets.clear();
  return {
    clock,
    verdicts,
    changes,
    accept: judge(true),
    refuse: judge(false),
    answer: judge(null),
    notFound: judge(null, true),
    shown,
    readAgain,
  };
}

const of = (credential: CredentialKind, operation: ApiOperation, environmentId = 'env_1'): Read => ({
  credential,
  operation,
  environmentId: operation === 'environments' ? null : environmentId,
});

/** Every read that one key can be good for. */
const READS: readonly Read[] = [
  ...API_OPERATIONS.map((operation) => of('api_key', operation)),
  ...API_OPERATIONS.filter((operation) => operation !== 'environments').map((operation) =>
    of('environment_key', operation),
  ),
];
const nameOf = ({ credential }: Read) => (credential === 'api_key' ? 'api_key' : 'env_1');

const PAIRS = READS.flatMap((refused) =>
  READS.filter((one) => one.credential === refused.credential && one.operation !== refused.operation).map(
    (accepted) => ({
      credential: refused.credential,
      no: refused.operation,
      yes: accepted.operation,
      refused,
      accepted,
    }),
  ),
);

describe.each(PAIRS)('$credential, refused for $no and accepted for $yes', ({ refused, accepted }) => {
  it.each([
    ['refused first', [refused, accepted]],
    ['accepted first', [accepted, refused]],
  ] as const)('is refused without a break, %s', (_, order) => {
    const { clock, refuse, accept, shown, changes } = create();
    for (let minute = 0; minute < 60; minute++) {
      for (const read of order) (read === refused ? refuse : accept)(read);
      clock.advanceNow(MINUTE);
    }
    expect(shown()).toEqual({ [nameOf(refused)]: true });
    expect(changes.filter((change) => change.refused === true)).toHaveLength(1);
    accept(refused);
    expect(shown()).toEqual({ [nameOf(refused)]: false });
  });
});

it.each(READS)('$credential: a refusal of $operation ends when the same read is accepted', (read) => {
  const { refuse, accept, shown } = create();
  refuse(read);
  expect(shown()).toEqual({ [nameOf(read)]: true });
  accept(read);
  expect(shown()).toEqual({ [nameOf(read)]: false });
});

it('the keys that are refused now are named, as the metric names them', () => {
  const { verdicts, refuse, accept } = create();
  const read = { credential: 'environment_key', operation: 'list' } as const;
  refuse({ ...read, environmentId: 'env_1' });
  refuse({ ...read, environmentId: 'env_2' });
  refuse({ credential: 'api_key', operation: 'stats', environmentId: 'env_1' });
  accept({ ...read, environmentId: 'env_2' });
  expect(verdicts.refusedKeys('main')).toEqual(['env_1', 'api_key']);
  expect(verdicts.refusedKeys('another')).toEqual([]);
});

it('an API key that one environment refuses is refused, however often others accept it', () => {
  const { clock, refuse, accept, shown, changes } = create();
  for (let minute = 0; minute < 60; minute++) {
    accept(of('api_key', 'stats', 'env_2'));
    refuse(of('api_key', 'stats', 'env_1'));
    // Another key takes over, and the refused one is tried every ten minutes.
    accept(of('environment_key', 'stats', 'env_1'));
    accept(of('api_key', 'stats', 'env_3'));
    clock.advanceNow(10 * MINUTE);
  }
  expect(shown()).toEqual({ api_key: true, env_1: false });
  expect(changes).toHaveLength(3);
});

describe('a refusal is forgotten', () => {
  it.each(['retrieve', 'session'] as const)('if it was of %s and is a quarter of an hour old', (operation) => {
    const { clock, refuse, accept, shown } = create();
    refuse(of('api_key', operation));
    clock.advanceNow(15 * MINUTE);
    accept(of('api_key', 'stats'));
    expect(shown()).toEqual({ api_key: true });
    clock.advanceNow(1);
    accept(of('api_key', 'stats'));
    expect(shown()).toEqual({ api_key: false });
  });

  it.each(['stats', 'list', 'environments'] as const)(
    'not if it was of %s, which is read on a schedule',
    (operation) => {
      const { clock, refuse, accept, shown } = create();
      refuse(of('api_key', operation));
      clock.advanceNow(24 * 60 * MINUTE);
      accept(of('api_key', operation === 'stats' ? 'list' : 'stats'));
      expect(shown()).toEqual({ api_key: true });
    },
  );

  it.each(['retrieve', 'session'] as const)(
    'if it was of %s and is a quarter of an hour old, and all else is read with the other key',
    (operation) => {
      const { clock, refuse, accept, shown } = create();
      refuse(of('api_key', operation));
      clock.advanceNow(15 * MINUTE + 1);
      accept(of('environment_key', 'stats'));
      // Nothing is known of it then.
      expect(shown()).toEqual({ env_1: false });
    },
  );

  it('if the read has worked with another key for a quarter of an hour', () => {
    const { clock, refuse, accept, shown } = create();
    // The key of the environment was refused for a moment, and the API key cannot list.
    accept(of('api_key', 'stats'));
    refuse(of('api_key', 'list'));
    accept(of('environment_key', 'list'));
    clock.advanceNow(15 * MINUTE);
    accept(of('environment_key', 'list'));
    expect(shown()).toEqual({ api_key: true, env_1: false });
    clock.advanceNow(1);
    accept(of('environment_key', 'list', 'env_2'));
    expect(shown()).toMatchObject({ api_key: true });
    accept(of('environment_key', 'list'));
    expect(shown()).toMatchObject({ api_key: false });
  });

  it('if the key has changed', () => {
    const { refuse, accept, shown } = create();
    refuse(of('api_key', 'environments'));
    accept({ ...of('api_key', 'stats'), value: 'two' });
    expect(shown()).toEqual({ api_key: false });
    refuse({ ...of('api_key', 'environments'), value: 'two' });
    accept({ ...of('api_key', 'stats'), value: 'two' });
    expect(shown()).toEqual({ api_key: true });
  });

  it('if another key is answered, even if that says nothing of the key', () => {
    const { refuse, answer, shown } = create();
    refuse(of('environment_key', 'list'));
    answer(of('environment_key', 'list'));
    expect(shown()).toEqual({ env_1: true });
    answer({ ...of('environment_key', 'stats'), value: 'two' });
    expect(shown()).toEqual({});
  });

  it('not if the same key was read again', () => {
    const { refuse, accept, shown, readAgain } = create();
    refuse(of('api_key', 'environments'));
    readAgain();
    accept(of('api_key', 'stats'));
    expect(shown()).toEqual({ api_key: true });
  });

  it('if its environment is not watched any more, together with the key of the environment', () => {
    const { verdicts, refuse, accept, shown } = create();
    accept(of('api_key', 'stats', 'env_2'));
    refuse(of('api_key', 'stats'));
    refuse(of('environment_key', 'list'));
    accept(of('environment_key', 'list', 'env_2'));
    verdicts.environmentLeft('other', 'env_1');
    expect(shown()).toEqual({ api_key: true, env_1: true, env_2: false });
    verdicts.environmentLeft('main', 'env_1');
    expect(shown()).toEqual({ api_key: false, env_2: false });
    refuse(of('environment_key', 'list'));
    expect(shown()).toMatchObject({ env_1: true });
  });

  it('if its environment is not watched any more, but not that the new key was accepted', () => {
    const { verdicts, refuse, accept, shown } = create();
    for (const value of ['one', 'two']) accept({ ...of('api_key', 'stats', 'env_2'), value });
    refuse({ ...of('api_key', 'stats'), value: 'two' });
    verdicts.environmentLeft('main', 'env_1');
    expect(shown()).toEqual({ api_key: false });
  });

  it('if it was of the list of environments, and nobody asks for that any more', () => {
    const { verdicts, refuse, accept, shown } = create();
    accept(of('api_key', 'stats'));
    refuse(of('api_key', 'environments'));
    verdicts.discoveryStopped('main');
    expect(shown()).toEqual({ api_key: false });
  });

  it('if nothing was ever accepted: then nothing is known of the key', () => {
    const { verdicts, refuse, shown } = create();
    refuse(of('api_key', 'environments'));
    verdicts.discoveryStopped('main');
    expect(shown()).toEqual({});
  });
});

it('a key, or a connection with all its keys, can be removed and be judged anew', () => {
  const { verdicts, refuse, accept, shown } = create();
  const both = () => {
    refuse(of('api_key', 'stats'));
    accept(of('environment_key', 'list'));
  };
  both();
  verdicts.keyRemoved('main', null);
  expect(shown()).toEqual({ env_1: false });
  both();
  expect(shown()).toEqual({ api_key: true, env_1: false });
  verdicts.connectionRemoved('other');
  verdicts.connectionRemoved('main');
  expect(shown()).toEqual({});
  both();
  expect(shown()).toEqual({ api_key: true, env_1: false });
});

const REFUSES = 'the API refuses the key';

it('the log says once that a key is refused and for what, and once that it is taken again', () => {
  const lines: unknown[] = [];
  const line =
    (level: string) =>
    ({ connection, ...fields }: LogFields, message: string) => {
      expect(connection).toBe('main');
      lines.push([level, message, ...Object.values(fields)]);
    };
  const logger = { ...silentLogger, info: line('info'), warn: line('warn') };
  const shared = new SharedLines(logger, new ManualClock());
  const verdicts = new CredentialVerdicts(new ManualClock(), (change) => logVerdict(logger, shared, change));
  const judge = ({ value = 'one', ...read }: Read, accepted: boolean | null) =>
    verdicts.judged({ connection: 'main', ...read, secret: new Secret(value, 'file'), accepted, isNotFound: false });
  judge(of('environment_key', 'list'), true);
  judge(of('environment_key', 'list'), false);
  judge(of('environment_key', 'list'), false);
  judge(of('api_key', 'environments'), false);
  judge(of('api_key', 'stats'), true);
  judge(of('environment_key', 'list'), true);
  judge(of('environment_key', 'list'), true);
  expect(lines).toEqual([
    ['warn', REFUSES, 'credential.rejected', 'environment_key', 'env_1', 'list'],
    ['warn', REFUSES, 'credential.rejected', 'api_key', null, 'environments'],
    ['info', 'the API takes the key again', 'credential.accepted', 'environment_key', 'env_1'],
  ]);
  verdicts.environmentLeft('main', 'env_1');
  judge(of('environment_key', 'list'), false);
  expect(lines.splice(3)).toEqual([['warn', REFUSES, 'credential.rejected', 'environment_key', 'env_1', 'list']]);
  // Another key, of which the first answer says nothing.
  judge({ ...of('environment_key', 'list'), value: 'two' }, null);
  expect(lines.splice(3)).toEqual([]);
  judge({ ...of('environment_key', 'list'), value: 'two' }, true);
  expect(lines.splice(3)).toEqual([
    ['info', 'the API takes the key again', 'credential.accepted', 'environment_key', 'env_1'],
  ]);
});

it('refused keys of many environments share a line after the first ten, and the API key has its own', () => {
  const lines: LogFields[] = [];
  const write = (line: LogFields) => void lines.push(line);
  const logger = { ...silentLogger, info: write, warn: write };
  const shared = new SharedLines(logger, new ManualClock());
  const verdict = (environmentId: string | null, refused: boolean) => {
    const kind = environmentId === null ? ('api_key' as const) : ('environment_key' as const);
    const change = {
      connection: 'main',
      kind,
      environmentId,
      refused,
      before: !refused,
      operations: ['list' as const],
    };
    logVerdict(logger, shared, change);
  };
  const ids = Array.from({ length: 14 }, (_, n) => `env_${n}`);
  for (const refused of [true, false]) for (const id of [...ids, null]) verdict(id, refused);
  shared.end();
  const told = (event: string) => lines.filter((line) => line.event === event);
  for (const event of ['credential.rejected', 'credential.accepted'])
    expect(told(event).map(({ environment_id }) => environment_id)).toEqual([...ids.slice(0, 10), null]);
  for (const event of ['credentials.rejected', 'credentials.accepted'])
    expect(told(event)).toEqual([
      { event, connection: 'main', environments: 4, credential: 'environment_key', environment_ids: ids.slice(10) },
    ]);
});

/** What answers a read every minute after it was refused once, and what is shown of its key a quarter of an hour later. */
const AFTER_A_REFUSAL: Readonly<Record<string, readonly [answers: readonly string[], shown: object]>> = {
  'a 404 each time': [['notFound'], {}],
  'a 404 each time, while other reads are accepted': [['notFound', 'acceptOther'], { api_key: false }],
  'a 404 and a refusal by turns': [['notFound', 'refuse'], { api_key: true }],
  'nothing that says something of the key': [['answer'], { api_key: true }],
  'nothing, while another read is not found': [['notFoundOther'], { api_key: true }],
  'nothing, while other reads are accepted': [['acceptOther'], { api_key: true }],
  'nothing at all': [[], { api_key: true }],
};

it.each(Object.entries(AFTER_A_REFUSAL))('a read that was refused gets %s', (_, [answers, expected]) => {
  const { clock, accept, refuse, answer, notFound, shown } = create();
  const [read, other] = [of('api_key', 'stats'), of('api_key', 'stats', 'env_2')];
  const answered: Readonly<Record<string, () => void>> = {
    refuse: () => refuse(read),
    answer: () => answer(read),
    notFound: () => notFound(read),
    notFoundOther: () => notFound(other),
    acceptOther: () => accept(other),
  };
  refuse(read);
  for (let minute = 0; minute < 15; minute++) {
    clock.advanceNow(MINUTE);
    for (const name of answers) answered[name]!();
    expect(shown()).toEqual({ api_key: true });
  }
  clock.advanceNow(1);
  for (const name of answers) answered[name]!();
  expect(shown()).toEqual(expected);
});
