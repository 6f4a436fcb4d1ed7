/**
 * The Work API as the benches need it: stats, and a page of 100 items of some 600 bytes, for any environment. It keeps no
 * world and does as little as it can. All is well in its environments: no alert fires and no run is long, so that what is
 * measured is reads. Each answer differs from the one before, by a depth and by the heartbeats of the live items, as those
 * of a fleet at work do. It is a child process: it tells its port, and the lists that it has answered when it is asked.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const ITEMS = 100;
const ID_LENGTH = 24;
const LIVE = 20;

const MINUTE_MS = 60_000;
/** Between the creations of two items. No live one becomes a long run while a bench lasts: its session would be read, too. */
const APART_MINUTES = 0.25;

const startedAt = Date.now();
const minutesAgo = (minutes: number) => new Date(startedAt - minutes * MINUTE_MS).toISOString();
const template = Buffer.from(
  JSON.stringify({ data: Array.from({ length: ITEMS }, (_, n) => itemOf(n)), next_page: null }),
);
const PLACE = '#'.repeat(ID_LENGTH);
const ids = placesOf(template, PLACE);
const beats = placesOf(template, 'latest_heartbeat_at":"').map((place) => place + 'latest_heartbeat_at":"'.length);

let polls = 0;
let requests = 0;

function itemOf(n: number) {
  const isLive = n < LIVE;
  const created = minutesAgo((n + 1) * APART_MINUTES);
  return {
    id: `work_01${String(n).padStart(20, '0')}`,
    type: 'work',
    environment_id: '#'.repeat(ID_LENGTH),
    data: { type: 'session', id: `sesn_01${String(n).padStart(20, '0')}` },
    state: isLive ? 'active' : 'stopped',
    metadata: { team: `team-${n % 7}`, repository: `git.example.com/${'x'.repeat(60)}/${n}`, branch: `feature/${n}` },
    secret: null,
    actor: null,
    created_at: created,
    acknowledged_at: created,
    started_at: created,
    latest_heartbeat_at: isLive ? minutesAgo(0) : null,
    stop_requested_at: isLive ? null : created,
    stopped_at: isLive ? null : created,
  };
}

function placesOf(text: Buffer, word: string): number[] {
  const places: number[] = [];
  for (let place = text.indexOf(word); place !== -1; place = text.indexOf(word, place + 1)) places.push(place);
  return places;
}

function page(environmentId: string): Buffer {
  const body = Buffer.from(template);
  for (const place of ids) body.write(environmentId, place, 'latin1');
  const now = new Date().toISOString();
  for (const place of beats) body.write(now, place, 'latin1');
  polls++;
  return body;
}

function stats(): Buffer {
  const queue = { depth: requests % 10, pending: 1, oldest_queued_at: minutesAgo(0) };
  return Buffer.from(JSON.stringify({ type: 'work_queue_stats', ...queue, workers_polling: 3 }));
}

const server = createServer((request, response) => {
  const { url = '' } = request;
  const isStats = url.includes('/stats');
  if (!url.includes('/work')) {
    // A session, which is no part of a poll.
    response.writeHead(404).end();
    return;
  }
  const body = isStats ? stats() : page(/environments\/([^/]+)\//.exec(url)?.[1] ?? '');
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': body.length,
    'request-id': `req_01${String(requests++).padStart(22, '0')}`,
  });
  response.end(body);
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => process.send?.({ polls }));
process.on('disconnect', () => process.exit());
