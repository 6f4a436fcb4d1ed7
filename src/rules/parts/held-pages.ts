import type { AlertName } from './alert-names.ts';
import type { Duration } from './durations.ts';
import { and, because, by, CONNECTION, ENVIRONMENT, or, type Queries, unless } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

/** What a page is about. */
type PageScope = typeof ENVIRONMENT | typeof CONNECTION;

/**
 * Environments for which one of these pages was firing within the window. On the right of a set operator, `q.paged` is
 * enough.
 */
export function pagedWithin(q: Queries, names: readonly AlertName[], window: Duration): string {
  return by('group', ENVIRONMENT, q.paged(names, window));
}

/**
 * Environments whose page is firing, even if Prometheus was restarted a moment ago: it writes no `ALERTS` in its first
 * two evaluations, and the page waits for its `for` again. The last sample of before counts for five minutes; of a page that
 * has ended there is a mark of the end instead.
 */
export function pageIsFiring(q: Queries, name: AlertName, where?: Readonly<Record<string, string>>): string {
  return by('group', ENVIRONMENT, q.firing(name, where));
}

/**
 * A page about a wait that fires goes on until the wait is well below its limit or the queue gets shorter with it,
 * because each item that is taken makes the wait shorter for a moment, and so does setting a clock. It also stays
 * while its environment cannot be read: not seeing is no sign of a repair.
 */
export function heldWhileLate(q: Queries, name: AlertName): string {
  const late = unless(`(${q.recorded(RECORDED.ratioToCritical)} > 0.8)`, q.recorded(RECORDED.draining));
  const held = or(
    because('It ends when the wait is well below its limit, or when the queue gets shorter with it.', late),
    because('Not to see the queue is no sign of a repair.', q.recorded(RECORDED.readFailed, { operation: 'stats' })),
  );
  return and(pageIsFiring(q, name), `(${held})`);
}

/** A page about failing reads that fires goes on while they fail and succeed by turns. */
export function heldWhileFlapping(q: Queries, name: AlertName, per: PageScope): string {
  const readsFlapping = q.recorded(RECORDED.readsFlapping);
  return or(
    because(
      'A page goes on while reads fail and succeed by turns.',
      `${per === ENVIRONMENT ? readsFlapping : by('count', per, readsFlapping)}\nand on (${per}) ${q.firing(name)}`,
    ),
    because(
      'It goes on while an exporter that was restarted meanwhile cannot learn which environments there are.',
      heldWhileUndiscovered(q, name, per),
    ),
    per === ENVIRONMENT
      ? heldWhileUnwatched(q, name, `${ENVIRONMENT}, connection`, q.recorded(RECORDED.seenUnwatched))
      : heldWhileUnwatched(q, name, per, allReadThoughUnwatched(q)),
  );
}

/** Connections of which every environment is read although scrapes are lost, or the exporter restarts again and again. */
function allReadThoughUnwatched(q: Queries): string {
  return `(${by('count', CONNECTION, q.recorded(RECORDED.seenUnwatched))} >= on (${CONNECTION}) ${q.recorded(RECORDED.environmentsRead)})`;
}

/**
 * Whether the fleet is watched: an exporter is up, apart from a lost scrape, and was already up some minutes ago. One
 * that has just come back, or has just taken the place of another, has to read first; one whose target has vanished
 * watches no more, although it was never down.
 */
export function exporterWatchesSeries(q: Queries): Rule {
  const up = q.uncatalogued('up');
  const steady = `avg_over_time(${q.range(up, '3m')}) > 0.75`;
  const before = `max_over_time(${q.range(up, '2m')} offset ${q.duration('3m')}) == 1`;
  return { record: RECORDED.exporterWatches, expr: by('group', 'job', `(${steady})\nand (${before})\nand ${up}`) };
}

/**
 * A page that fires goes on while nobody watches: a new exporter would page again for the same thing. So does a page
 * about an environment of a missing shard.
 *
 * @param labels those of the page
 * @param known environments or connections of which Prometheus knows all the same how they are, so that their page may end:
 * where two of five scrapes are lost, or an exporter lives for four minutes at a time, it would otherwise never do
 */
export function heldWhileUnwatched(q: Queries, name: AlertName, labels: string, known?: string): string {
  const page = by('group', labels, q.firing(name));
  const per = labels.startsWith(ENVIRONMENT) ? ENVIRONMENT : labels;
  const unwatched = [
    `unless on (job) ${q.recorded(RECORDED.exporterWatches)}`,
    ...(known === undefined ? [] : [`unless on (${per}) ${known}`]),
  ].join('\n');
  // The value of a page about a connection is how many environments are known to be affected: now, none.
  const nobodyWatches = 'A page goes on while nobody watches: it would be sent again for the same thing.';
  if (per !== ENVIRONMENT) return because(nobodyWatches, `(${page} - 1)\n${unwatched}`);
  return or(
    because(nobodyWatches, `${page}\n${unwatched}`),
    because(
      'So does a page about an environment of a missing shard.',
      `${unless(page, q.recorded(RECORDED.environmentInfo))}\nand on (job) ${shardMissing(q)}`,
    ),
  );
}

/**
 * The alert about a part of the fleet that nobody watches, even while it is pending: its environments are unknown from
 * the first moment.
 */
export function shardMissing(q: Queries): string {
  return q.recorded('ALERTS', { alertname: 'AnthropicWorkExporterShardMissing' });
}

/** Pages of connections that cannot even be asked which environments they have. */
function heldWhileUndiscovered(q: Queries, name: AlertName, per: PageScope): string {
  const undiscovered = q.recorded(RECORDED.undiscovered);
  return per === ENVIRONMENT
    ? `${by('group', `${ENVIRONMENT}, connection`, q.firing(name))}\nand on (${CONNECTION}) ${undiscovered}`
    : `${undiscovered}\nand on (${CONNECTION}) ${q.firing(name)}`;
}

/**
 * Holds where the series was already recorded that many minutes ago, or the page is firing. It replaces a `for` of
 * minutes, which would begin anew when Prometheus restarts: Alertmanager would resolve the page meanwhile and then send
 * it again.
 */
export function lastsOrFires(q: Queries, recorded: string, minutes: Duration, name: AlertName): string {
  const then = `last_over_time(${q.range(q.recorded(recorded), '1m')} offset ${q.duration(minutes)})`;
  return `(${or(because('It was so some minutes ago, too.', then), q.firing(name))})`;
}
