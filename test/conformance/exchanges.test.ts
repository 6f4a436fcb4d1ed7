import { describe, expect, it, onTestFinished } from 'vitest';
import type { WorkApi } from '../../src/client/work-api.ts';
import type { ApiOperation } from '../../src/domain/environment.ts';
import { PRESETS, PROVIDERS } from '../../src/wire/presets.ts';
import { createTestClient, failureOf } from '../client/test-client.ts';
import { apiError, json, startServer } from '../client/test-server.ts';
import { simulatedApi, type TestSimulator } from '../support/simulated-api.ts';
import { EXCHANGES, type Exchange } from './exchanges.ts';

type Values = Readonly<Record<string, string>>;

function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name]!);
}

/** The headers of an exchange that are sent, filled in. */
function headersOf({ headers }: Exchange, values: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [[name, filled(value, values)]])),
  );
}

describe.each(PROVIDERS)('the client of %s', (provider) => {
  const { sent, refused, basePath, workspaceId } = EXCHANGES[provider];
  const values = { env: 'env_1', work: 'work_1', api_key: 'KEY-OF-API-1', environment_key: 'KEY-OF-ENVIRONMENT-1' };
  const read = (api: WorkApi, operation: ApiOperation) => {
    const page = { limit: PRESETS[provider].maxPageSize, page: null };
    if (operation === 'stats') return api.stats(values.env);
    if (operation === 'retrieve') return api.retrieve(values.env, values.work);
    if (operation === 'list') return api.listPage(values.env, page);
    return api.listEnvironments({ ...page, limit: PRESETS[provider].maxEnvironmentsPageSize });
  };

  async function clientOf(answer: Parameters<typeof startServer>[0]) {
    const server = await startServer(answer);
    const { api } = createTestClient(server.url + basePath, {
      connection: { provider, workspaceId },
      apiKey: values.api_key,
      environmentKey: PRESETS[provider].environmentKeys ? values.environment_key : null,
    });
    onTestFinished(async () => {
      await api.close();
      await server.close();
    });
    return { api, server };
  }

  it.each(sent)('sends $request as $evidence', async (exchange) => {
    const { api, server } = await clientOf((_, response) => json(response, 500, {}));
    await failureOf(read(api, exchange.read));
    const { method, url, headers } = server.requests[0]!;
    expect(`${method} ${url}`).toBe(filled(exchange.request, values).replace(' ', ` ${basePath}`));
    const expected = headersOf(exchange, values);
    const named = Object.keys(exchange.headers).filter((name) => headers[name] !== undefined);
    expect(Object.fromEntries(named.map((name) => [name, headers[name]]))).toEqual(expected);
    expect(api.credentialFor(exchange.read, values.env)?.kind).toBe(exchange.credential);
  });

  it.each(refused)('calls $status to $request $reason', async ({ status, says, reason }) => {
    const message = says?.source ?? 'no';
    const { api } = await clientOf((_, response) => json(response, status, apiError('error', message)));
    expect((await failureOf(read(api, 'stats'))).failure).toMatchObject({ reason, httpStatus: status });
  });

  it('reads nothing else', () => {
    const offered = Object.entries(PRESETS[provider].credentials).filter(([, kinds]) => kinds.length > 0);
    const reads = new Set<string>(sent.map((exchange) => exchange.read));
    for (const [operation] of offered) if (operation !== 'session') expect(reads).toContain(operation);
  });
});

describe.each(PROVIDERS)('the simulator of %s', (provider) => {
  const { sent, refused } = EXCHANGES[provider];

  async function ask(simulator: TestSimulator, exchange: Exchange) {
    const [prod, staging] = simulator.environments;
    const values = {
      env: prod!.id,
      work: simulator.enqueue(prod!.id),
      api_key: simulator.apiKey,
      environment_key: prod!.environmentKey,
      other_environment_key: staging!.environmentKey,
    };
    const [method, path] = filled(exchange.request, values).split(' ');
    // What every request of the exporter carries, where an exchange is about something else.
    const usual = provider === 'opensdlc' ? { 'anthropic-version': '2023-06-01', 'anthropic-beta': BETA } : {};
    const headers = { ...usual, ...headersOf(exchange, values) };
    const answer = await fetch(simulator.url + path, { method: method!, headers });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  it.each(sent)('answers $request as $evidence', async (exchange) => {
    await using simulator = await simulatedApi({ preset: provider });
    const { status, body } = await ask(simulator, exchange);
    expect({ status, body }).toMatchObject({ status: exchange.status });
    expect(Object.keys(body)).toEqual(expect.arrayContaining([...exchange.keys]));
  });

  it.each(refused)('refuses $request as $evidence', async (exchange) => {
    await using simulator = await simulatedApi({ preset: provider });
    const { status, body } = await ask(simulator, exchange);
    expect(status).toBe(exchange.status);
    if (exchange.says) expect((body.error as { message: string }).message).toMatch(exchange.says);
  });
});

const BETA = 'managed-agents-2026-04-01';
