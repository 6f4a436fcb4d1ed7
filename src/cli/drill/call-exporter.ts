import { request } from 'undici';
import { errorText } from '../../base/errors.ts';
import { classifyNetworkError } from '../../client/http/network-failure.ts';
import { CommandExit, EXIT } from '../command/command-exit.ts';
import type { CliIo } from '../command/io.ts';
import type { ExporterAddress } from './exporter-address.ts';

/** An exporter begins a drill within seconds; a server that is silent for longer is no exporter. */
const ANSWER_MS = 30_000;

/** What to do, by the code of the error. */
const REMEDIES: readonly (readonly [codes: RegExp, remedy: string])[] = [
  [/ENOTFOUND|EAI_AGAIN/, 'check the name in --exporter'],
  [
    /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/,
    'set NODE_EXTRA_CA_CERTS to a file with the certificate (PEM) of the authority that signed it',
  ],
  [/ALTNAME/, 'use a name of its certificate'],
  [/EPROTO|ERR_SSL/, 'if it has no TLS, write http://'],
  [/UND_ERR_SOCKET|ECONNRESET|HPE_/, 'if it has TLS, write https://'],
];

/** @throws CommandExit with what the exporter answered and what to do. */
export async function callExporter(
  { clock }: Pick<CliIo, 'clock'>,
  method: 'POST' | 'GET' | 'DELETE',
  exporter: ExporterAddress,
): Promise<Record<string, unknown>> {
  const { status, text } = await exchange({ clock }, method, exporter);
  const answer = parsed(text);
  // A drill that is over already is no failure.
  if (answer !== null && (status === 200 || (method !== 'POST' && status === 404))) return answer;
  const { code, message, remedy = '' } = (answer?.error ?? {}) as { code?: string; message?: string; remedy?: string };
  // Other programs, such as the simulator, answer in JSON, too.
  const isExporter = code !== undefined && message !== undefined;
  const strange = `${withoutQuery(exporter)} was answered with ${status}, and not by an exporter that knows drills; check --exporter.`;
  const how = code === 'login_required' ? ' Write it as --exporter http://USER:PASSWORD@HOST:PORT.' : '';
  throw new CommandExit(EXIT.failed, isExporter ? `${message} ${remedy}`.trim() + how : strange);
}

async function exchange(
  { clock }: Pick<CliIo, 'clock'>,
  method: 'POST' | 'GET' | 'DELETE',
  { url, headers }: ExporterAddress,
): Promise<{ readonly status: number; readonly text: string }> {
  const limit = new AbortController();
  const cancel = clock.setTimer(ANSWER_MS, () => limit.abort(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
  try {
    const { statusCode, body: answer } = await request(url, { method, signal: limit.signal, headers });
    return { status: statusCode, text: await answer.text() };
  } catch (error) {
    const why = limit.signal.aborted ? errorText(error) : classifyNetworkError(error).what;
    const remedy = REMEDIES.find(([codes]) => codes.test(why))?.[1] ?? 'start one with serve';
    throw new CommandExit(EXIT.failed, `No exporter answers at ${withoutQuery({ url })}: ${why}; ${remedy}.`);
  } finally {
    cancel();
  }
}

function withoutQuery({ url }: Pick<ExporterAddress, 'url'>): string {
  return url.replace(/\?.*$/, '');
}

/** Null: it is no object in JSON, as every answer of an exporter is. */
function parsed(text: string): Record<string, unknown> | null {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
