import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, EpochMs } from '../../src/base/clock.ts';
import { ManualClock } from './manual-clock.ts';
import { waitUntil } from './wait-until.ts';

/** The requests of this process that have no end yet. */
const requests = new Set<unknown>();
const requestOf = (message: unknown) => (message as { readonly request: unknown }).request;
subscribe('undici:request:create', (message) => requests.add(requestOf(message)));
for (const end of ['undici:request:trailers', 'undici:request:error']) {
  subscribe(end, (message) => requests.delete(requestOf(message)));
}

/** Files, names and sockets, as Node calls what it waits for. */
const WAITED_FOR = /Req|ConnectWrap|WriteWrap/;

const portsInUse = () => process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length;
/** Those of the test runner. */
const PORTS = portsInUse();

/** Whether this process waits for a file, of its own threads or of one that reads files when they are slow. */
function isReadingFiles(): boolean {
  return process.getActiveResourcesInfo().some((kind) => kind.includes('Req')) || portsInUse() > PORTS;
}

/** Whether this process waits for what takes real time: an answer, a file, a name. */
export function isWaitingForOthers(): boolean {
  return requests.size > 0 || process.getActiveResourcesInfo().some((kind) => WAITED_FOR.test(kind));
}

/** Turns of the event loop without a request after which none follows from the last answer. */
const IDLE_TURNS = 5;

interface Rest {
  /** How many requests are held back on purpose. */
  readonly held?: () => number;
  /** Whether files take time as well. */
  readonly files?: boolean;
}

/** Resolves when nothing is under way but what is held back: what a manual clock needs to move on. */
export async function rest({ held = () => 0, files = false }: Rest = {}): Promise<void> {
  let quiet = 0;
  const isAtRest = () => {
    const isBusy = requests.size > held() || (files && isReadingFiles());
    quiet = isBusy ? 0 : quiet + 1;
    return quiet > IDLE_TURNS;
  };
  await waitUntil(isAtRest, { everyMs: 0, what: 'every answer that has an end' });
}

/** Tells of each request that reaches a server of this process. */
export function arrivals(arrived: (request: IncomingMessage, response: ServerResponse) => void): Disposable {
  const started = (message: unknown) => {
    const { request, response } = message as { readonly request: IncomingMessage; readonly response: ServerResponse };
    arrived(request, response);
  };
  subscribe('http.server.request.start', started);
  return { [Symbol.dispose]: () => void unsubscribe('http.server.request.start', started) };
}

/** The `timeout` of every connection. */
export const TIMEOUT_MS = 7777;

/** Time that stands still while a request is under way: so nothing depends on how fast the machine is. */
export class StillClock {
  /** The exporter's clock. */
  readonly clock: ManualClock;
  #latencies = 0;

  constructor(start?: EpochMs) {
    this.clock = new ManualClock(start, () => this.quiet());
  }

  /** The simulator's clock: while it waits on purpose, time has to pass. */
  get api(): Clock {
    const { clock } = this;
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      setTimer: (delayMs, run) => {
        let pending = true;
        const end = () => {
          if (pending) this.#latencies--;
          pending = false;
        };
        this.#latencies++;
        const cancel = clock.setTimer(delayMs, () => {
          end();
          run();
        });
        return () => {
          end();
          cancel();
        };
      },
    };
  }

  quiet(): Promise<void> {
    return rest({ held: () => this.#latencies });
  }
}
