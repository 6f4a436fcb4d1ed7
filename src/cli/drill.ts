import { Argument, type Command } from 'commander';
import { request } from 'undici';
import { sleep } from '../base/clock.ts';
import { errorText, systemErrorCode } from '../base/errors.ts';
import { alertOf, type ConditionName, ENVIRONMENT_CONDITIONS } from '../diagnosis/conditions.ts';
import { type CliIo, CommandExit, EXIT } from './command.ts';

/** Time to read the runbook after the alert has arrived. */
const MINUTES = 10;
/** A scrape, an evaluation of the rules and the `group_wait` of the Alertmanager example, with some to spare. */
const ARRIVES_AFTER_MINUTES = 3;
/** How often to check whether the drill is still running. */
const LOOK_MS = 10_000;
/** One look may fail while the exporter is busy; this many in a row mean that it is gone. */
const MOST_FAILURES = 3;
/** An exporter begins a drill within seconds; a server that is silent for longer is no exporter. */
const ANSWER_MS = 30_000;
const ENDS = 'Its alert ends with the next evaluation, and the notification of the end follows within minutes.';

/** `drill`: starts the rehearsal of an alert on a running exporter, says what should arrive, and ends it. */
export function addDrill(program: Command, io: CliIo): void {
  program
    .command('drill')
    .summary('rehearse an alert on a running exporter')
    .description(
      'rehearse an alert on a running exporter. It shows an environment that does not exist, with this condition; your real ' +
        'ones are not involved and are still watched. It ends by itself, and with Ctrl-C at once. The exporter must allow it: ' +
        'option server.lifecycle',
    )
    .addArgument(new Argument('[condition]', 'what goes wrong').choices(ENVIRONMENT_CONDITIONS).default('no_workers'))
    .option(
      '--exporter <url>',
      'address of the exporter; with a login, http://USER:PASSWORD@HOST:PORT',
      'http://127.0.0.1:9877',
    )
    .action((condition: ConditionName, { exporter }: { exporter: string }) =>
      drill(io, condition, exporterAt(exporter)),
    );
}

async function drill(io: CliIo, condition: ConditionName, exporter: ReturnType<typeof exporterAt>): Promise<void> {
  const beginning = call(io.clock, exporter, 'POST', `?condition=${condition}&minutes=${MINUTES}`);
  const over = new AbortController();
  io.onStop(async () => {
    over.abort();
    // The exporter may be about to begin it.
    if (!(await beginning.then(Boolean, () => false))) return;
    await call(io.clock, exporter, 'DELETE');
    io.stdout(`The drill has ended. ${ENDS}\n`);
  });
  const { environment_id: id, environment_name: name, severity } = await beginning;
  const alert = alertOf(condition);
  const runbook = new URL(`/runbooks/${alert}?environment=${encodeURIComponent(String(id))}`, exporter.url).href;
  io.stdout(`The drill has begun: on /metrics and on its page, the exporter shows an environment ${name} (${id}) with the condition ${condition}.
It does not exist. Your real environments are not involved: they are read and judged as before.

Through your own Prometheus and Alertmanager, with the shipped rules and routes:
  ${alert} (${severity}) within ${ARRIVES_AFTER_MINUTES} minutes: open its runbook
    ${runbook}

It ends by itself after ${MINUTES} minutes; Ctrl-C ends it now.
`);
  const end = io.clock.monotonic() + MINUTES * 60_000;
  const left = () => end - io.clock.monotonic();
  let announced = false;
  let failures = 0;
  while (left() > 0) {
    await sleep(io.clock, Math.min(LOOK_MS, left()), over.signal).catch(() => {});
    if (over.signal.aborted) return;
    if (!announced && left() <= (MINUTES - ARRIVES_AFTER_MINUTES) * 60_000) {
      announced = true;
      const where = "is it on Prometheus' /alerts page, then on Alertmanager's, then in the receiver's log?";
      io.stdout(`${alert} should have arrived. If not: ${where}\n`);
    }
    // The exporter started its clock a little earlier.
    if (left() <= LOOK_MS) continue;
    const shown = await call(io.clock, exporter, 'GET').catch((error: unknown) => {
      failures += 1;
      if (failures === MOST_FAILURES) throw error;
      return null;
    });
    if (shown === null) continue;
    failures = 0;
    if (shown.condition !== undefined) continue;
    const why = 'somebody ended it, or the exporter restarted. Begin it again.';
    throw new CommandExit(EXIT.failed, `The drill ended early: ${why}`);
  }
  io.stdout(`Time is up: the exporter has ended the drill. ${ENDS}\n`);
}

/** Where drills of the exporter at this address begin; the address may be shown, its login is only sent. */
export function exporterAt(written: string): {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  const url = URL.parse(written);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new CommandExit(EXIT.usage, '--exporter: is not the address of an exporter; write it as http://HOST:PORT');
  }
  const login = `${decoded(url.username)}:${decoded(url.password)}`;
  const headers = { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  return { url: `${url.origin}/-/drill`, headers: login === ':' ? {} : headers };
}

/** @throws CommandExit with what the exporter answered and what to do */
async function call(
  clock: CliIo['clock'],
  { url, headers }: ReturnType<typeof exporterAt>,
  method: 'POST' | 'GET' | 'DELETE',
  query = '',
): Promise<Record<string, unknown>> {
  const limit = new AbortController();
  const cancel = clock.setTimer(ANSWER_MS, () => limit.abort(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
  try {
    const { statusCode, body } = await request(`${url}${query}`, { method, headers, signal: limit.signal });
    return answerOf(url, { method, status: statusCode, text: await body.text() });
  } catch (error) {
    if (error instanceof CommandExit) throw error;
    const code = systemErrorCode(error);
    const text = errorText(error);
    const why = code === null || text.includes(code) ? text : `${text} (${code})`;
    const remedy = /CERT|SIGNATURE/.test(code ?? '')
      ? 'use a name of its certificate, and set NODE_EXTRA_CA_CERTS to a file with the authority that signed it (PEM)'
      : 'start one with serve, or check name, port and scheme (http:// or https://) of --exporter';
    throw new CommandExit(EXIT.failed, `No exporter answers at ${url}: ${why}; ${remedy}.`);
  } finally {
    cancel();
  }
}

function answerOf(
  url: string,
  { method, status, text }: { readonly method: string; readonly status: number; readonly text: string },
): Record<string, unknown> {
  const answer = jsonObject(text);
  // A drill that is over already is no failure.
  if (answer !== null && (status === 200 || (method !== 'POST' && status === 404))) return answer;
  const { code, message, remedy = '' } = (answer?.error ?? {}) as Readonly<Record<string, string | undefined>>;
  // Other programs, such as the simulator, answer in JSON, too.
  if (code === undefined || message === undefined) {
    const what = `${url} was answered with ${status}, and not by an exporter that knows drills`;
    throw new CommandExit(EXIT.failed, `${what}; check --exporter.`);
  }
  const how = code === 'login_required' ? ' Write it as --exporter http://USER:PASSWORD@HOST:PORT.' : '';
  throw new CommandExit(EXIT.failed, `${message} ${remedy}`.trim() + how);
}

/** What is written without percent-encoding is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Null: it is no object in JSON, as every answer of an exporter is. */
function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
