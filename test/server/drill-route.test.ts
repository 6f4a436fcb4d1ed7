import { describe, expect, it } from 'vitest';
import { ExporterError } from '../../src/base/errors.ts';
import { serverDeps, startServer } from '../support/http-server.ts';

describe('POST /-/drill', () => {
  it.each([
    ['drill_running', 409, false],
    ['stopping', 503, true],
    ['unknown_scenario', 400, false],
  ] as const)('answers %s with %d', async (code, status, saysWhen) => {
    const error = new ExporterError(code, 'It cannot begin.', { remedy: 'Do this.' });
    const drill = { info: null, start: () => Promise.reject(error), end: async () => false };
    await using server = await startServer(serverDeps([], { drill }));
    const answer = await fetch(`${server.url}/-/drill`, { method: 'POST', body: '{"scenario":"no-workers"}' });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error: { code, message: 'It cannot begin.', remedy: 'Do this.' } });
    expect(Number(answer.headers.get('retry-after') ?? 0) > 0).toBe(saysWhen);
  });
});
