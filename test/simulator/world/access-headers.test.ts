import { describe, expect, it } from 'vitest';
import { errorSchema, statsSchema } from '../support/schemas.ts';
import { call, type TestSimulator, testSimulator } from '../support/simulators.ts';
import { WORKSPACE } from './keyed-scene.ts';

describe('headers', () => {
  const stats = (simulator: TestSimulator) => `/v1/environments/${simulator.prod.id}/work/stats`;

  it('the API key may come as x-api-key, except where the provider wants a bearer token', async () => {
    for (const [preset, status] of [
      ['anthropic', 200],
      ['aws', 200],
      ['google', 401],
    ] as const) {
      const simulator = await testSimulator({ preset });
      const response = await fetch(`${simulator.url}${stats(simulator)}`, {
        headers: {
          'x-api-key': simulator.apiKey,
          'anthropic-version': '2023-06-01',
          'anthropic-beta': 'other-beta,managed-agents-2026-04-01',
          ...WORKSPACE,
        },
      });
      expect([preset, response.status]).toEqual([preset, status]);
    }
  });

  it('a wrong x-api-key is refused', async () => {
    const simulator = await testSimulator();
    const response = await fetch(`${simulator.url}${stats(simulator)}`, { headers: { 'x-api-key': 'wrong' } });
    expect(response.status).toBe(401);
  });

  it.each(['anthropic-version', 'anthropic-beta'])('%s is required', async (name) => {
    const simulator = await testSimulator();
    const { version, beta } = { version: '2023-06-01', beta: 'managed-agents-2026-04-01' };
    const headers = {
      'anthropic-version': version,
      'anthropic-beta': beta,
      authorization: `Bearer ${simulator.apiKey}`,
    };
    const { [name as 'anthropic-beta']: _, ...rest } = headers;
    const response = await fetch(`${simulator.url}${stats(simulator)}`, { headers: rest });
    expect(response.status).toBe(400);
    expect(errorSchema.parse(await response.json()).error.message).toContain(name);
  });

  it('Qoder wants neither version nor beta', async () => {
    const simulator = await testSimulator({ preset: 'qoder' });
    const response = await fetch(`${simulator.url}/api/v1/cloud/environments/${simulator.prod.id}/work/stats`, {
      headers: { authorization: `Bearer ${simulator.apiKey}` },
    });
    expect(statsSchema.parse(await response.json())).toMatchObject({ depth: 0 });
  });

  it('AWS wants the workspace, and names a second request id', async () => {
    const simulator = await testSimulator({ preset: 'aws' });
    expect((await call(simulator, simulator.apiKey, stats(simulator))).status).toBe(400);
    const answer = await call(simulator, simulator.apiKey, stats(simulator), { headers: WORKSPACE });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-amzn-requestid')).not.toBeNull();
  });

  it('the Date header is simulated time', async () => {
    const simulator = await testSimulator();
    simulator.advance(86_400);
    const { headers } = await call(simulator, simulator.apiKey, stats(simulator));
    const ahead = Date.parse(headers.get('date')!) - Date.parse(simulator.truth().now);
    expect(Math.abs(ahead)).toBeLessThan(5000);
  });
});
