import type {
  BetaSelfHostedWork,
  BetaSelfHostedWorkHeartbeatResponse,
  BetaSelfHostedWorkQueueStats,
} from '@anthropic-ai/sdk/resources/beta/environments/work';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { environmentKeyFor } from '../../src/simulator/access.ts';
import { OPERATIONS as SIMULATED } from '../../src/simulator/operations.ts';
import { call, type TestSimulator, testSimulator } from '../simulator/support/simulators.ts';
import { LANGUAGES, type Language, type Outcome, type SdkCall, SdkProgram } from './sdk-program.ts';

/**
 * A schema of exactly the fields that the SDK declares, each of its declared type: the compiler refuses one too many, one
 * too few, and one of another type.
 */
type Declared<T> = { readonly [Field in keyof Required<T>]: z.ZodType<T[Field]> };

const time = z.iso.datetime();
const timeOrNull = time.nullable();
const state = z.enum(['queued', 'starting', 'active', 'stopping', 'stopped']);

const WORK = {
  id: z.string(),
  type: z.literal('work'),
  environment_id: z.string(),
  data: z.strictObject({ type: z.literal('session'), id: z.string() }),
  state,
  metadata: z.record(z.string(), z.string()),
  secret: z.string().nullable(),
  created_at: time,
  acknowledged_at: timeOrNull,
  started_at: timeOrNull,
  latest_heartbeat_at: timeOrNull,
  stop_requested_at: timeOrNull,
  stopped_at: timeOrNull,
} satisfies Declared<BetaSelfHostedWork>;

const HEARTBEAT = {
  type: z.literal('work_heartbeat'),
  last_heartbeat: z.string(),
  lease_extended: z.boolean(),
  state,
  ttl_seconds: z.int(),
} satisfies Declared<BetaSelfHostedWorkHeartbeatResponse>;

const STATS = {
  type: z.literal('work_queue_stats'),
  depth: z.int(),
  pending: z.int(),
  oldest_queued_at: timeOrNull,
  workers_polling: z.int().nullable(),
} satisfies Declared<BetaSelfHostedWorkQueueStats>;

/** The real service sends it and no SDK declares it (docs/design/work-api.md#work-item). */
const UNDECLARED = { actor: z.null() };
const work = z.strictObject({ ...WORK, ...UNDECLARED });

/** What differs from one call to the next. */
type Arguments = Partial<Omit<SdkCall, 'url' | 'operation'>>;

/** A call that the API refuses. */
interface Refusal {
  readonly why: string;
  readonly arguments: (scene: Scene) => Arguments;
  readonly status: number;
  readonly code?: string;
  readonly says?: RegExp;
}

interface Operation {
  /** That of the environment, or that of the organization. */
  readonly key: 'api_key' | 'environment_key';
  /** Of a call that succeeds, in an environment with an acknowledged item and one that waits. */
  readonly arguments: (scene: Scene) => Arguments;
  readonly answer: z.ZodType;
  readonly shows: (scene: Scene) => unknown;
  readonly refused: readonly Refusal[];
}

const CLOUD = 'env_sim_cloud';
const UNKNOWN = 'sesn_unknown';
const ofUnknownItem: Refusal = {
  why: 'of an item that there is not',
  arguments: () => ({ work: UNKNOWN }),
  status: 404,
};
const ofCloud = (status: number, says: RegExp): Refusal => ({
  why: 'of an environment that is not self-hosted',
  arguments: () => ({ environment: CLOUD, environment_key: environmentKeyFor(1, CLOUD) }),
  status,
  says,
});

/** All that a client can do with work: what it sends, what comes back, and what it is refused. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  list: {
    key: 'environment_key',
    arguments: () => ({}),
    answer: z.array(work),
    shows: ({ waiting, acknowledged }) => [
      { id: waiting, state: 'queued' },
      { id: acknowledged, state: 'starting' },
    ],
    refused: [ofCloud(404, /only available for self-hosted environments/)],
  },
  retrieve: {
    key: 'api_key',
    arguments: ({ waiting }) => ({ work: waiting }),
    answer: work,
    shows: ({ waiting }) => ({ id: waiting, state: 'queued', secret: null }),
    refused: [ofUnknownItem],
  },
  update: {
    key: 'api_key',
    arguments: ({ waiting }) => ({ work: waiting, metadata: { tier: null, owner: 'ann' } }),
    answer: work,
    shows: ({ waiting }) => ({ id: waiting, metadata: { team: 'docs', owner: 'ann' } }),
    refused: [
      ofUnknownItem,
      {
        why: 'of a value that is too long',
        arguments: () => ({ metadata: { team: 'x'.repeat(513) } }),
        status: 400,
        code: 'invalid_metadata',
        says: /metadata\.team: .*512/,
      },
    ],
  },
  ack: {
    key: 'environment_key',
    arguments: ({ waiting }) => ({ work: waiting }),
    answer: work,
    shows: ({ waiting }) => ({ id: waiting, state: 'starting' }),
    refused: [
      ofUnknownItem,
      {
        why: 'for the second time',
        arguments: ({ acknowledged }) => ({ work: acknowledged }),
        status: 409,
        says: /must be in QUEUED state to acknowledge. Current state: starting\.$/,
      },
    ],
  },
  heartbeat: {
    key: 'environment_key',
    arguments: ({ acknowledged }) => ({ work: acknowledged, expected_last_heartbeat: 'NO_HEARTBEAT' }),
    answer: z.strictObject(HEARTBEAT),
    shows: () => ({ state: 'active', lease_extended: true, ttl_seconds: 300 }),
    refused: [
      ofUnknownItem,
      {
        why: 'after another one than the last',
        arguments: () => ({ expected_last_heartbeat: 'hb-1' }),
        status: 412,
        code: 'heartbeat_precondition_failed',
        says: /expected hb-1, actual was NULL$/,
      },
    ],
  },
  stop: {
    key: 'api_key',
    arguments: ({ acknowledged }) => ({ work: acknowledged, force: true }),
    answer: work,
    shows: ({ acknowledged }) => ({ id: acknowledged, state: 'stopped' }),
    refused: [ofUnknownItem],
  },
  poll: {
    key: 'environment_key',
    arguments: () => ({ worker_id: 'test' }),
    answer: work,
    shows: ({ waiting }) => ({ id: waiting, state: 'queued', secret: expect.any(String) }),
    refused: [ofCloud(400, /Only BYOC and bridge environments support work polling/)],
  },
  stats: {
    key: 'api_key',
    arguments: () => ({}),
    answer: z.strictObject(STATS),
    shows: () => ({ depth: 1, pending: 0, workers_polling: 1 }),
    refused: [
      {
        why: 'of an environment that there is not',
        arguments: () => ({ environment: 'env_none' }),
        status: 404,
        code: 'environment_not_found',
      },
    ],
  },
};
const NAMES = Object.keys(OPERATIONS);

/** Public names of the resource that send nothing by themselves, or what others send. */
const HELPERS: Readonly<Record<Language, readonly string[]>> = {
  javascript: ['poller', 'worker'],
  go: ['ListAutoPaging'],
  python: ['with_raw_response', 'with_streaming_response'],
};
/** What the others call `retrieve`. */
const SPELLINGS: Readonly<Record<string, string>> = { Get: 'retrieve' };

/** The class of an error: by its code where it has one that the SDK knows, else by its status. Go has one class. */
const CLASSES: Readonly<Record<string, string>> = {
  400: 'BadRequestError',
  404: 'NotFoundError',
  409: 'ConflictError',
  412: 'PreconditionFailedError',
  429: 'RateLimitError',
  environment_not_found: 'BetaEnvironmentNotFoundError',
  heartbeat_precondition_failed: 'BetaHeartbeatPreconditionFailedError',
  invalid_metadata: 'BetaInvalidMetadataError',
};
const classOf = (
  language: Language,
  { status, code }: { readonly status: number; readonly code?: string | undefined },
) => (language === 'go' ? 'Error' : CLASSES[code ?? status]);

/** The first environment with an item that a worker has acknowledged, and one that waits. */
interface Scene {
  readonly simulator: TestSimulator;
  readonly waiting: string;
  readonly acknowledged: string;
}

async function scene(): Promise<Scene> {
  const simulator = await testSimulator();
  const { id, environmentKey } = simulator.prod;
  const path = `/v1/environments/${id}/work`;
  const acknowledged = simulator.enqueue(id);
  await call(simulator, environmentKey, `${path}/poll`, { headers: { 'anthropic-worker-id': 'other' } });
  await call(simulator, environmentKey, `${path}/${acknowledged}/ack`, { method: 'POST' });
  const waiting = simulator.enqueue(id, { metadata: { team: 'docs', tier: '1' } });
  return { simulator, waiting, acknowledged };
}

/** The call of an operation in a scene, with some arguments changed. */
function callOf(name: string, scene: Scene, changed: Arguments = {}): SdkCall {
  const { url, apiKey, prod } = scene.simulator;
  const { key, arguments: usual } = OPERATIONS[name]!;
  const keys = key === 'api_key' ? { api_key: apiKey } : { environment_key: prod.environmentKey };
  return { url, operation: name, environment: prod.id, ...keys, ...usual(scene), ...changed };
}

it('the simulator serves these operations and no others', () => {
  const ofWork = Object.entries(SIMULATED).filter(([route]) => route.includes('/work'));
  expect(ofWork.map(([, [endpoint]]) => endpoint).toSorted()).toEqual(NAMES.toSorted());
});

describe.each(LANGUAGES)('the official SDK for %s', (language) => {
  let sdk: SdkProgram;
  beforeAll(() => {
    sdk = new SdkProgram(language);
    return () => sdk[Symbol.asyncDispose]();
  });

  /** No field of an answer is unknown to the SDK but the one that the real service has, too, and none is missing. */
  function expectDeclaredFields({ answer, undeclared, missing }: Outcome): void {
    // Types are gone when JavaScript runs: the schemas alone compare its answers.
    if (language === 'javascript') return;
    const shown = [answer].flat()[0] as object;
    expect(missing).toEqual([]);
    expect([...new Set(undeclared)]).toEqual(Object.keys(UNDECLARED).filter((name) => name in shown));
  }

  it('has these operations and no others', async () => {
    const { answer } = await sdk.call({ ...callOf('stats', await scene()), operation: 'methods' });
    const names = (answer as readonly string[]).filter((name) => !HELPERS[language].includes(name));
    expect(names.map((name) => SPELLINGS[name] ?? name.toLowerCase()).toSorted()).toEqual(NAMES.toSorted());
  });

  it.each(NAMES)('%s: its answer has the fields that the SDK declares', async (name) => {
    const set = await scene();
    const outcome = await sdk.call(callOf(name, set));
    expect(outcome.error).toBeUndefined();
    expectDeclaredFields(outcome);
    const { answer, shows } = OPERATIONS[name]!;
    expect(answer.parse(outcome.answer)).toMatchObject(shows(set) as object);
  });

  it.each(NAMES.flatMap((name) => OPERATIONS[name]!.refused.map((refusal) => ({ name, ...refusal }))))(
    '$name $why: $status',
    async ({ name, arguments: changed, status, code, says = /./ }) => {
      const set = await scene();
      const { error } = await sdk.call(callOf(name, set, changed(set)));
      expect(error).toEqual({
        class: classOf(language, { status, code }),
        status,
        type: status === 404 ? 'not_found_error' : 'invalid_request_error',
        code: code ?? '',
        message: expect.stringMatching(says),
        retry_after: '',
        request_id: expect.stringMatching(/^req_/),
      });
    },
  );

  it.each(NAMES)('%s: a 429 comes out as such, with the time to wait', async (name) => {
    const set = await scene();
    set.simulator.setFaults([{ kind: 'status', status: 429, retryAfterSeconds: 7, endpoints: [name as 'list'] }]);
    const { error } = await sdk.call(callOf(name, set));
    expect(error).toMatchObject({ class: classOf(language, { status: 429 }), status: 429, type: 'rate_limit_error' });
    expect(error).toMatchObject({ retry_after: '7' });
  });

  it('sends a request again that got a 429', async () => {
    const set = await scene();
    set.simulator.setFaults([{ kind: 'status', status: 429, retryAfterSeconds: 1, count: 1 }]);
    const outcome = await sdk.call(callOf('stats', set, { retries: 1 }));
    expect(outcome.answer).toMatchObject({ depth: 1 });
    const { prod } = set.simulator;
    expect(set.simulator.truth().environments[prod.id]!.requests.stats).toEqual({ 200: 1, 429: 1 });
  });

  it('pages through the list, newest first', async () => {
    const { simulator, waiting, acknowledged } = await scene();
    const made = Array.from({ length: 43 }, () => simulator.enqueue(simulator.prod.id));
    const outcome = await sdk.call(callOf('list', { simulator, waiting, acknowledged }));
    const ids = (outcome.answer as readonly { readonly id: string }[]).map(({ id }) => id);
    expect(ids).toEqual([...made.toReversed(), waiting, acknowledged]);
    expect(simulator.truth().environments[simulator.prod.id]!.requests.list).toEqual({ 200: 3 });
    expectDeclaredFields(outcome);
  });

  it('polls an empty queue in vain', async () => {
    const set = await scene();
    await sdk.call(callOf('poll', set));
    expect((await sdk.call(callOf('poll', set))).answer).toBeNull();
  });
});
