import { unescape as decoded } from 'node:querystring';
import { Argument, type Command } from 'commander';
import { request } from 'undici';
import { sleep } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import { alertOf, type ConditionName, ENVIRONMENT_CONDITIONS } from '../diagnosis/conditions.ts';
import { type CliIo, CommandExit, EXIT } from './command.ts';

/** Time to read the runbook after the alert has arrived. */
const MINUTES = 10;
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

async function drill(io: CliIo, condition: ConditionName, exporter: Exporter): Promise<void> {
  const beginning = call(exporter, 'POST', `?condition=${condition}&minutes=${MINUTES}`);
  const over = new AbortController();
  io.onStop(async () => {
    over.abort();
    // The exporter may be about to begin it.
    if (!(await beginning.then(Boolean, () => false))) return;
    await call(exporter, 'DELETE');
    io.stdout(`The drill has ended. ${ENDS}\n`);
  });
  const { environment_id: id, environment_name: name, severity } = await beginning;
  const alert = alertOf(condition);
  const runbook = new URL(`/runbooks/${alert}?environment=${encodeURIComponent(id)}`, exporter.url).href;
  io.stdout(`The drill has begun: the exporter shows an environment ${name} (${id}) with the condition ${condition}.
It does not exist. Your real environments are not involved: they are read and judged as before.

Through your own Prometheus and Alertmanager, with the shipped rules and routes:
  ${alert} (${severity}) within 3 minutes: open its runbook
    ${runbook}
If it does not arrive: is it on Prometheus' /alerts page, then on Alertmanager's, then in the receiver's log?

It ends by itself after ${MINUTES} minutes; Ctrl-C ends it now.
`);
  await sleep(io.clock, MINUTES * 60_000, over.signal).catch(() => {});
  if (!over.signal.aborted) io.stdout(`Time is up: the exporter has ended the drill. ${ENDS}\n`);
}

interface Exporter {
  /** May be shown: the login is only sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function exporterAt(written: string): Exporter {
  const url = URL.parse(written);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new CommandExit(EXIT.usage, '--exporter: is not the address of an exporter; write it as http://HOST:PORT');
  // What is written without percent-encoding is meant as it stands.
  const login = `${decoded(url.username)}:${decoded(url.password)}`;
  const authorization = `Basic ${Buffer.from(login).toString('base64')}`;
  return { url: `${url.origin}/-/drill`, headers: login === ':' ? {} : { authorization } };
}

/** @throws CommandExit with what the exporter answered and what to do */
async function call({ url, headers }: Exporter, method: 'POST' | 'DELETE', query = ''): Promise<Answer> {
  const failed = (text: string) => new CommandExit(EXIT.failed, text);
  const signal = AbortSignal.timeout(ANSWER_MS);
  const response = await request(`${url}${query}`, { method, headers, signal }).catch((error: unknown) => {
    const remedy =
      'start one with serve, or check --exporter: its name, its port, http:// or https://, and for a certificate of your own authority NODE_EXTRA_CA_CERTS';
    throw failed(`No exporter answers at ${url}: ${errorText(error)}; ${remedy}.`);
  });
  const status = response.statusCode;
  // Other programs may answer without JSON, or with another.
  const answer = (await response.body.json().catch(() => null)) as Answer | null;
  // A drill that is over already is no failure.
  if (answer !== null && (status === 200 || (method === 'DELETE' && status === 404))) return answer;
  const { code, message, remedy = '' } = answer?.error ?? {};
  if (message === undefined || code === undefined)
    throw failed(`${url} was answered with ${status}, and not by an exporter that knows drills; check --exporter.`);
  const how = code === 'login_required' ? ' Write it as --exporter http://USER:PASSWORD@HOST:PORT.' : '';
  throw failed(`${message} ${remedy}`.trim() + how);
}

/** A drill that has begun, or an error. */
interface Answer extends Readonly<Record<'environment_id' | 'environment_name' | 'severity', string>> {
  readonly error?: Readonly<Partial<Record<'code' | 'message' | 'remedy', string>>>;
}
