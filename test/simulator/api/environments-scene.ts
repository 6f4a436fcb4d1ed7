import { expect } from 'vitest';
import type { SimulatorOptions } from '../../../src/simulator/start-simulator.ts';
import { environmentSchema, environmentsSchema } from '../support/schemas.ts';
import { call, type TestSimulator, testSimulator } from '../support/simulators.ts';

export const PATH = '/v1/environments';

/** A simulator whose time stands still, and requests with its API key. */
export async function scene(options: Partial<SimulatorOptions> = {}) {
  const simulator = await testSimulator({ speed: 0, ...options });
  const ask = (method: string, path = '', body?: unknown) =>
    call(simulator, simulator.apiKey, `${PATH}${path}`, { method, body });
  const create = async (body: object = {}) => {
    const { status, body: answer } = await ask('POST', '', { name: 'new', config: { type: 'self_hosted' }, ...body });
    expect(status).toBe(200);
    return environmentSchema.parse(answer);
  };
  const listed = async (query = '') =>
    environmentsSchema.parse((await ask('GET', `?limit=1000${query}`)).body).data.map(({ id }) => id);
  return { simulator, ask, create, listed };
}

export function keyOf(simulator: TestSimulator, id: string): string {
  return simulator.environments.find((environment) => environment.id === id)!.environmentKey;
}
