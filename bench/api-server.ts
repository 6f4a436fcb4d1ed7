/**
 * The Work API as the benches need it: stats, and a page of 100 items of some 600 bytes, for any environment. It keeps no
 * world and does as little as it can. All is well in its environments: no alert fires. Each answer differs from the one
 * before, by a depth and by the heartbeats of the live items, as those of a fleet at work do.
 *
 *     api-server.ts LIVE_ITEMS SESSIONS
 *
 * SESSIONS says how old the runs of the live items are, and how it answers for their sessions: `short` runs are so young
 * that nobody asks; the sessions of long runs are `known` (200, every other one idle) or `unknown` (404).
 *
 * It is a child process: it tells its port, and the requests that it has answered when it is asked.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const LIVE = Number(process.argv[2]);
const SESSIONS = process.argv[3] as 'short' | 'known' | 'unknown';
const ITEMS = Math.max(100, LIVE);
const ID_LENGTH = 24;

const MINUTE_MS = 60_000;
/** Between the creations of two items. */
const APART_MINUTES = 0.25;
/** No short run becomes a long one while a bench lasts: its session would be read, too. */
const YOUNGEST_MINUTES = SESSIONS === 'short' ? 0 : 60;

const startedAt = Date.now();
const minutesAgo = (minutes: number) => new Date(startedAt - minutes * MINUTE_MS).toISOString();
const template = Buffer.from(
  JSON.stringify({ data: Array.from({ length: ITEMS }, (_, n) => itemOf(n)), next_page: null }),
);
const PLACE = '#'.repeat(ID_LENGTH);
const ids = placesOf(template, PLACE);
const beats = placesOf(template, 'latest_heartbeat_at":"').map((place) => place + 'latest_heartbeat_at":"'.length);

let polls = 0;
let sessions = 0;
let sessionRequests = 0;
let requests = 0;

function itemOf(n: number) {
  const isLive = n < LIVE;
  const created = minutesAgo(YOUNGEST_MINUTES + (n + 1) * APART_MINUTES);
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

/** Of a session with an even number: it is idle. */
function session(number: number): Buffer {
  const status = number % 2 === 0 ? 'idle' : 'running';
  return Buffer.from(JSON.stringify({ type: 'session', status, updated_at: minutesAgo(1) }));
}

function idleEvents(): Buffer {
  const event = { type: 'session.status_idle', stop_reason: { type: 'end_turn' }, processed_at: minutesAgo(1) };
  return Buffer.from(JSON.stringify({ data: [event], next_page: null }));
}

function answer(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': body.length,
    'request-id': `req_01${String(requests++).padStart(22, '0')}`,
  });
  response.end(body);
}

function answerSession(response: ServerResponse, url: string): void {
  const isEvents = url.includes('/events');
  sessionRequests++;
  if (!isEvents) sessions++;
  if (SESSIONS !== 'known') {
    const body = Buffer.from(JSON.stringify({ type: 'error', error: { type: 'not_found_error', message: 'unknown' } }));
    response.writeHead(404, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  } else if (isEvents) {
    answer(response, idleEvents());
  } else {
    answer(response, session(Number(/sesn_01(\d+)/.exec(url)?.[1])));
  }
}

const server = createServer((request, response) => {
  const { url = '' } = request;
  if (!url.includes('/work')) answerSession(response, url);
  else if (url.includes('/stats')) answer(response, stats());
  else answer(response, page(/environments\/([^/]+)\//.exec(url)?.[1] ?? ''));
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => process.send?.({ polls, sessions, sessionRequests }));
process.on('disconnect', () => process.exit());
