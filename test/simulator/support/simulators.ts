import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../src/simulator/start-simulator.ts';
import { ANTHROPIC_VERSION, MANAGED_AGENTS_BETA } from '../../../src/wire/presets.ts';
import { silentLogger } from '../../support/silent.ts';

export type TestSimulator = Simulator & {
  /** The first environment. */
  readonly prod: Pick<Simulator['environments'][number], 'id' | 'name' | 'environmentKey'>;
};

/** A simulator on a free port that ends with the test. Nothing happens in it by itself unless a scenario is named. */
export async function testSimulator(
  options: Partial<SimulatorOptions> = {},
  finished: (end: () => Promise<void>) => void = onTestFinished,
): Promise<TestSimulator> {
  const simulator = await startSimulator({ clock: systemClock, logger: silentLogger, scenario: 'idle', ...options });
  finished(() => simulator.stop());
  return Object.assign(simulator, { prod: simulator.environments[0]! });
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; null when there is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Call {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request with a bearer key and the version headers. */
export async function call(simulator: Simulator, key: string, path: string, options: Call = {}): Promise<Answer> {
  const { method = 'GET', body, headers } = options;
  const response = await fetch(`${simulator.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      'anthropic-version': ANTHROPIC_VERSION,
      'anthropic-beta': MANAGED_AGENTS_BETA,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

/** A POST to the simulator's own API. */
export async function control(simulator: Simulator, path: string, body: unknown): Promise<Answer> {
  return call(simulator, '', `/_sim/${path}`, { method: 'POST', body });
}
