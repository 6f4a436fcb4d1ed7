/**
 * Makes the calls of test/conformance/sdk-operations.test.ts with the official JavaScript SDK: reads one a line, and writes
 * what the SDK made of the answer on a line.
 */
import { createInterface } from 'node:readline';
import Anthropic, { APIError } from '@anthropic-ai/sdk';
import type { Outcome, SdkCall } from '../sdk-program.ts';

type Work = Anthropic['beta']['environments']['work'];

function clientOf({ url, api_key, environment_key, retries = 0 }: SdkCall): Anthropic {
  const key =
    environment_key === undefined ? { apiKey: api_key ?? null } : { apiKey: null, authToken: environment_key };
  return new Anthropic({ baseURL: url, maxRetries: retries, logLevel: 'off', ...key });
}

function methodsOf(work: Work): readonly string[] {
  return Object.getOwnPropertyNames(Object.getPrototypeOf(work)).filter((name) => name !== 'constructor');
}

async function allOf<T>(pages: AsyncIterable<T>): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const item of pages) items.push(item);
  return items;
}

/** The object of the answer, or all of a list. */
async function send(work: Work, call: SdkCall): Promise<unknown> {
  const { environment } = call;
  const item = { environment_id: environment };
  const id = call.work ?? '';
  switch (call.operation) {
    case 'list':
      return allOf(work.list(environment));
    case 'retrieve':
      return work.retrieve(id, item);
    case 'update':
      return work.update(id, { ...item, metadata: call.metadata ?? {} });
    case 'ack':
      return work.ack(id, item);
    case 'heartbeat':
      return work.heartbeat(id, { ...item, expected_last_heartbeat: call.expected_last_heartbeat ?? null });
    case 'stop':
      return work.stop(id, { ...item, force: call.force ?? false });
    case 'poll':
      return work.poll(environment, { 'Anthropic-Worker-ID': call.worker_id ?? '' });
    case 'stats':
      return work.stats(environment);
    default:
      throw new Error(`no operation ${call.operation}`);
  }
}

async function outcomeOf(call: SdkCall): Promise<Outcome> {
  const { work } = clientOf(call).beta.environments;
  if (call.operation === 'methods') return { answer: methodsOf(work) };
  try {
    return { answer: await send(work, call) };
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    return {
      error: {
        class: error.constructor.name,
        status: error.status,
        type: error.type,
        code: error.errorCode ?? '',
        message: error.apiMessage,
        retry_after: error.headers?.get('retry-after') ?? '',
        request_id: error.requestID,
      },
    };
  }
}

for await (const line of createInterface(process.stdin)) {
  process.stdout.write(`${JSON.stringify(await outcomeOf(JSON.parse(line)))}\n`);
}
