import { expect } from 'vitest';
import { z } from 'zod';
import { type CheckResult, checkText } from '../../src/cli/check.ts';
import type { LiveRow } from '../../src/cli/live-rows.ts';
import { configurationOf, type TestSimulator } from '../support/simulated-api.ts';
import { TestFolder } from './files.ts';
import { type CliResult, runCli } from './run-cli.ts';

export const text = z.string().min(1);
export const row = z.strictObject({
  environment_id: text.nullable(),
  environment_name: text.nullable(),
  connection: text,
  operation: z.enum(['stats', 'list', 'environments']),
  credential: z.enum(['api_key', 'environment_key']).nullable(),
  credential_source: text.nullable(),
  verdict: z.enum([
    'ok',
    'refused',
    'not_found',
    'not_self_hosted',
    'rate_limited',
    'unreachable',
    'bad_response',
    'archived',
    'not_attempted',
  ]),
  http_status: z.int().nullable(),
  request_id: text.nullable(),
  duration_seconds: z.number().nonnegative().nullable(),
  detail: z.string(),
  remedy: text.nullable(),
});

/** docs/reference.md#check---live, `--json`. */
export const result = z.strictObject({
  schema: z.literal(1),
  ok: z.boolean(),
  exit_code: z.union([z.literal(0), z.literal(1), z.literal(4)]),
  problems: z.array(z.string()),
  notices: z.array(z.string()),
  live: z.array(row),
  shard: z.literal('0/1'),
  watched: z.array(text),
  configured_elsewhere: z.literal(0),
  cost: z.array(
    z.strictObject({
      connection: text,
      requests_per_minute: z.number(),
      per_discovered_environment: z.number().nullable(),
      budget: z.number(),
    }),
  ),
  clock_skew_seconds: z.number().nullable(),
});

export interface Checked {
  readonly code: number;
  readonly rows: readonly LiveRow[];
  readonly cost: CheckResult['cost'];
  readonly table: CliResult;
}

/** Checks a configuration twice: for a program and for a person. */
export async function checkLive(configuration: unknown, secrets: readonly string[] = []): Promise<Checked> {
  using folder = new TestFolder();
  const config = folder.write('config.yaml', configuration);
  const json = await runCli(['check', '--live', '--json', '--config', config]);
  const table = await runCli(['check', '--live', '--config', config]);
  const found = result.parse(JSON.parse(json.stdout));
  const { ok, exit_code, live, cost } = found;
  expect([json.code, table.code, ok]).toEqual([exit_code, exit_code, exit_code === 0]);
  for (const secret of secrets) expect(json.stdout + table.stdout + json.stderr + table.stderr).not.toContain(secret);
  for (const { verdict, remedy } of live) if (verdict !== 'ok' && verdict !== 'archived') expect(remedy).not.toBeNull();
  // Of the same reads: where two keys are refused, it is chance which of them a read tells of.
  const text = checkText(found, true);
  for (const { remedy } of live) if (remedy !== null) expect(text).toContain(`: ${remedy}`);
  return { code: json.code, rows: live, cost, table };
}

/** Prod alone, so that a table has two lines. */
export function prodOf(
  api: TestSimulator,
  change: Readonly<Record<string, unknown>> = {},
  connection: Readonly<Record<string, unknown>> = {},
) {
  const { environments, ...rest } = configurationOf(api);
  return { ...rest, api: { ...rest.api, ...connection }, environments: [{ ...environments[0], ...change }] };
}

/** Another environment in the place of prod. */
export function otherOf(api: TestSimulator, environment: Readonly<Record<string, unknown>>) {
  return { ...configurationOf(api), environments: [environment] };
}
