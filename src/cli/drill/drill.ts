import { Argument, Command } from 'commander';
import { sleep } from '../../base/clock.ts';
import { alertOf, type ConditionName, ENVIRONMENT_CONDITIONS } from '../../diagnosis/conditions.ts';
import { CommandExit, EXIT } from '../command/command-exit.ts';
import type { CliIo } from '../command/io.ts';
import { callExporter } from './call-exporter.ts';
import { type ExporterAddress, exporterAddress } from './exporter-address.ts';

/** Time to read the runbook after the alert has arrived. */
const MINUTES = 10;
/** A scrape, an evaluation of the rules and the `group_wait` of the Alertmanager example, with some to spare. */
const ARRIVES_AFTER_MS = 3 * 60_000;
/** How often to check whether the drill is still running. */
const LOOK_MS = 10_000;
/** One look may fail while the exporter is busy; this many in a row mean that it is gone. */
const MOST_FAILURES = 3;
const ENDS = 'Its alert ends with the next evaluation, and the notification of the end follows within minutes.';

/** `drill`: starts the rehearsal of an alert on a running exporter, says what should arrive, and ends it. */
export function drillCommand(io: CliIo): Command {
  return new Command('drill')
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
    .action((condition: ConditionName, { exporter }: { exporter: string }) => drill(io, condition, exporter));
}

async function drill(io: CliIo, condition: ConditionName, exporter: string): Promise<void> {
  const { url: address, headers } = exporterAddress(exporter);
  const url = new URL('/-/drill', address).href;
  const beginning = callExporter(io, 'POST', { url: `${url}?condition=${condition}&minutes=${MINUTES}`, headers });
  const over = new AbortController();
  io.onStop(async () => {
    over.abort();
    // The exporter may be about to begin it.
    const hasBegun = await beginning.then(
      () => true,
      () => false,
    );
    if (!hasBegun) return;
    await callExporter(io, 'DELETE', { url, headers });
    io.stdout(`The drill has ended. ${ENDS}\n`);
  });
  io.stdout(introduction(condition, await beginning, address));
  const start = io.clock.monotonic();
  const passed = () => io.clock.monotonic() - start;
  let announced = false;
  let failures = 0;
  while (passed() < MINUTES * 60_000) {
    await sleep(io.clock, Math.min(LOOK_MS, MINUTES * 60_000 - passed()), over.signal).catch(() => {});
    if (over.signal.aborted) return;
    if (!announced && passed() >= ARRIVES_AFTER_MS) {
      announced = true;
      io.stdout(
        `${alertOf(condition)} should have arrived. If not: is it on Prometheus' /alerts page, then on Alertmanager's, then in the receiver's log?\n`,
      );
    }
    // The exporter started its clock a little earlier.
    if (passed() >= MINUTES * 60_000 - LOOK_MS) continue;
    failures = await failuresNow(io, { url, headers }, failures);
  }
  io.stdout(`Time is up: the exporter has ended the drill. ${ENDS}\n`);
}

/** Nobody should wait for an alert that cannot come. @throws CommandExit when the drill or the exporter is gone */
async function failuresNow(io: CliIo, exporter: ExporterAddress, before: number): Promise<number> {
  const answer = await callExporter(io, 'GET', exporter).catch((error: unknown) => {
    if (before + 1 === MOST_FAILURES) throw error;
    return null;
  });
  if (answer === null) return before + 1;
  if (answer.condition !== undefined) return 0;
  throw new CommandExit(
    EXIT.failed,
    'The drill ended early: somebody ended it, or the exporter restarted. Begin it again.',
  );
}

function introduction(condition: ConditionName, begun: Record<string, unknown>, address: string): string {
  const { environment_id: id, environment_name: name, severity } = begun;
  const runbook = new URL(`/runbooks/${alertOf(condition)}?environment=${encodeURIComponent(String(id))}`, address)
    .href;
  return `The drill has begun: on /metrics and on its page, the exporter shows an environment ${name} (${id}) with the condition ${condition}.
It does not exist. Your real environments are not involved: they are read and judged as before.

Through your own Prometheus and Alertmanager, with the shipped rules and routes:
  ${alertOf(condition)} (${severity}) within ${ARRIVES_AFTER_MS / 60_000} minutes: open its runbook
    ${runbook}

It ends by itself after ${MINUTES} minutes; Ctrl-C ends it now.
`;
}
