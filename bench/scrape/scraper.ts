import type { ChildProcess } from 'node:child_process';
import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { cpuMsOf } from '../cpu-time.ts';
import type { Encoding } from '../goals.ts';

/** One scrape as its client sees it, and what it cost the process that answers. */
export interface Scrape {
  readonly latencyMs: number;
  readonly cpuMs: number;
}

const agent = new Agent({ keepAlive: true });

export function fetchBody(port: number, path: string, encoding: Encoding = 'identity'): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, agent, headers: { 'accept-encoding': encoding } };
    get(options, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => resolve(Buffer.concat(pieces)));
      answer.on('error', reject);
    }).on('error', reject);
  });
}

const END_OF_CHUNKS = Buffer.from('\r\n0\r\n\r\n');
const READ_BYTES = 1024 * 1024;

/**
 * Scrapes one server over one connection, as Prometheus does. It reads and throws away, so that next to nothing of what
 * is measured is the client's: with Node's own HTTP client, half of the time of a large answer is.
 */
export class Scraper {
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  #take: ((bytes: Buffer) => void) | null = null;

  constructor(child: ChildProcess, port: number) {
    this.#child = child;
    const onread = {
      buffer: Buffer.alloc(READ_BYTES),
      callback: (length: number, buffer: Uint8Array) => {
        this.#take?.(Buffer.from(buffer.buffer, buffer.byteOffset, length));
        return true;
      },
    };
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true, onread });
  }

  async scrape(encoding: Encoding): Promise<Scrape> {
    const cpuBefore = cpuMsOf(this.#child.pid!);
    const start = performance.now();
    await this.#read(`GET /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\naccept-encoding: ${encoding}\r\n\r\n`);
    const latencyMs = performance.now() - start;
    return { latencyMs, cpuMs: cpuMsOf(this.#child.pid!) - cpuBefore };
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(request: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.once('error', reject);
      const isLast = lastByteFinder();
      this.#take = (bytes) => {
        if (!isLast(bytes)) return;
        this.#socket.off('error', reject);
        resolve();
      };
      this.#socket.write(request);
    });
  }
}

/** Whether these bytes end the answer, whose head says how long it is, or that it comes in chunks. */
function lastByteFinder(): (bytes: Buffer) => boolean {
  let left: number | null = null;
  let tail = Buffer.alloc(0);
  return (bytes) => {
    if (left === null) {
      // A server writes the head in one piece.
      const head = bytes.toString('latin1', 0, bytes.indexOf('\r\n\r\n') + 4);
      if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`a scrape was answered with ${head.slice(0, 40)}`);
      left = head.length + Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Number.POSITIVE_INFINITY);
    }
    left -= bytes.length;
    tail = Buffer.concat([tail, bytes.subarray(-END_OF_CHUNKS.length)]).subarray(-END_OF_CHUNKS.length);
    return left === 0 || (left === Number.POSITIVE_INFINITY && tail.equals(END_OF_CHUNKS));
  };
}
