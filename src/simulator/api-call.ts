import type { KeyHolder } from './access.ts';
import type { Endpoint } from './faults.ts';
import { Rejection } from './rejection.ts';
import type { SimEnvironment } from './world.ts';

/** One request as a handler sees it: credentials checked, the world up to date. */
export interface ApiCall {
  readonly endpoint: Endpoint;
  readonly caller: KeyHolder;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  /** The environment of the path; null on routes without one. */
  readonly environment: SimEnvironment | null;
  /** Simulated time, without the API's clock skew. */
  readonly now: number;
  /** True once the client has gone away. */
  readonly gone: () => boolean;
  /** Answers with a stream of events instead of a body; `closed` is called when the client goes away. */
  readonly stream: (closed: () => void) => EventStream;
}

/** Server-sent events on their way to one client. */
export interface EventStream {
  send(event: { readonly type: string }): void;
}

/** The body of a 200, or undefined for a 204. */
export type ApiHandler = (call: ApiCall) => unknown;

/** The environment of a call on a route that has one. */
export function environmentOf(call: ApiCall): SimEnvironment {
  if (call.environment === null) throw new Rejection(404, 'Not found');
  return call.environment;
}

/** The environment of a call about work. @throws Rejection 400 where cloud environments have no work */
export function workEnvironmentOf(call: ApiCall): SimEnvironment {
  const environment = environmentOf(call);
  const { configType, id, queue } = environment;
  if (configType === 'cloud' && queue.switches.cloudWork === 'refused') {
    throw new Rejection(400, `Environment ${id} is not self_hosted and has no work`);
  }
  return environment;
}

export function param(call: ApiCall, name: string): string {
  return call.params[name] ?? '';
}

/** A whole number from the query, or null when it is missing. @throws Rejection 400 when it is out of range */
export function queryInteger(call: ApiCall, name: string, [least, most]: readonly [number, number]): number | null {
  const text = call.query[name];
  if (text === undefined) return null;
  const value = typeof text === 'string' && /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) throw new Rejection(400, `${name}: Input should be a valid integer`);
  if (value < least) throw new Rejection(400, `${name}: Input should be greater than or equal to ${least}`);
  if (value > most) throw new Rejection(400, `${name}: Input should be less than or equal to ${most}`);
  return value;
}

export function queryText(call: ApiCall, name: string): string | null {
  const text = call.query[name];
  return typeof text === 'string' ? text : null;
}

export function header(call: ApiCall, name: string): string | null {
  const value = call.headers[name];
  return typeof value === 'string' ? value : null;
}
