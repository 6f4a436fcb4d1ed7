import { Argument, Command } from 'commander';
import { sleep } from '../../base/clock.ts';
import type { CliIo } from '../command/io.ts';
import { callExporter } from './call-exporter.ts';
import { DRILLS, type TimelineEntry, timelineOf } from './drill-timeline.ts';
import { exporterAddress } from './exporter-address.ts';
import { watchDrill } from './watch-drill.ts';

/** The shortest drill; some alerts need longer. */
const LEAST_MINUTES = 15;
/** Time to read the runbook after the alert has arrived. */
const SPARE_MINUTES = 5;
/** A page about an environment that is gone is held, in case discovery has only lost it. */
const ENDS = 'What fired ends within a quarter of an hour, and the notification of the end follows.';

/** `drill`: starts the rehearsal of an alert on a running exporter, says what should arrive, and ends it. */
export function drillCommand(io: CliIo): Command {
  return new Command('drill')
    .summary('rehearse an alert on a running exporter')
    .description(
      'rehearse an alert on a running exporter. It adds a simulated environment; your real ones are not involved and ' +
        'are still watched. It ends by itself, once its alert must have arrived, and with Ctrl-C at once. The exporter must allow ' +
        'it: option server.lifecycle',
    )
    .addArgument(new Argument('[scenario]', 'what goes wrong').choices(Object.keys(DRILLS)).default('no-workers'))
    .option(
      '--exporter <url>',
      'address of the exporter; with a login, http://USER:PASSWORD@HOST:PORT',
      'http://127.0.0.1:9877',
    )
    .action((scenario: string, { exporter }: { exporter: string }) => drill(io, scenario, exporter));
}

async function drill(io: CliIo, scenario: string, exporter: string): Promise<void> {
  const { url: address, headers } = exporterAddress(exporter);
  const url = new URL('/-/drill', address).href;
  const timeline = timelineOf(scenario);
  const last = Math.max(...timeline.map(({ bySeconds }) => bySeconds));
  const minutes = Math.max(LEAST_MINUTES, Math.ceil(last / 60) + SPARE_MINUTES);
  const beginning = callExporter(io, 'POST', { url, headers }, { scenario, minutes });
  const over = new AbortController();
  io.onStop(async () => {
    over.abort();
    // The exporter may be about to begin it.
    if (!(await hasBegun(beginning))) return;
    await callExporter(io, 'DELETE', { url, headers });
    io.stdout(`The drill has ended: its environment and its series are gone. ${ENDS}\n`);
  });
  const begun = await beginning;
  io.stdout(introduction({ begun, timeline, minutes, address }));
  const { signal } = over;
  const environmentId = String(begun.environment_id);
  try {
    await Promise.all([
      announceDueAlerts(io, { timeline, minutes, signal }),
      watchDrill(io, { url, headers, environmentId, minutes, signal }),
    ]);
  } finally {
    over.abort();
  }
}

/** Whether the exporter has begun the drill; `drill` itself fails with the reason if it has not. */
function hasBegun(beginning: Promise<unknown>): Promise<boolean> {
  return beginning.then(
    () => true,
    () => false,
  );
}

interface Begun {
  readonly begun: Record<string, unknown>;
  readonly timeline: readonly TimelineEntry[];
  readonly minutes: number;
  readonly address: string;
}

function introduction({ begun, timeline, minutes, address }: Begun): string {
  const runbook = (alert: string) =>
    new URL(`/runbooks/${alert}?environment=${encodeURIComponent(String(begun.environment_id))}`, address).href;
  return [
    `The drill has begun: environment ${begun.environment_name} (${begun.environment_id}).`,
    'It is simulated. Your real environments are not involved: they are read and watched as before.',
    `What happens:        ${begun.happens}`,
    `What you should see: ${begun.expect}`,
    '',
    'Through your own Prometheus and Alertmanager, with the shipped rules and routes:',
    ...timeline.flatMap(({ alert, severity, bySeconds }) => [
      `  ${alert} (${severity}) by minute ${(bySeconds / 60).toFixed(1)}: open its runbook`,
      `    ${runbook(alert)}`,
    ]),
    '',
    `It ends by itself after ${minutes} minutes; Ctrl-C ends it now.`,
    '',
  ].join('\n');
}

/** Says when each notification is due, and when the drill is over. Aborting ends it silently. */
async function announceDueAlerts(
  io: CliIo,
  { timeline, minutes, signal }: { timeline: readonly TimelineEntry[]; minutes: number; signal: AbortSignal },
): Promise<void> {
  const start = io.clock.monotonic();
  const until = (seconds: number) => sleep(io.clock, start + seconds * 1000 - io.clock.monotonic(), signal);
  try {
    for (const { alert, bySeconds } of timeline.toSorted((one, other) => one.bySeconds - other.bySeconds)) {
      await until(bySeconds);
      io.stdout(
        `${alert} should have arrived. If not: is it on Prometheus' /alerts page, then on Alertmanager's, then in the receiver's log?\n`,
      );
    }
    await until(minutes * 60);
    io.stdout(`Time is up: the exporter has ended the drill. ${ENDS}\n`);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
