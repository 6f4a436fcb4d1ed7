/**
 * The floor: raw sockets and `JSON.parse`, nothing else. It reads stats and list of each environment at its interval, the
 * reads of a fleet spread evenly over it, and keeps of an answer how long its list is.
 *
 * Arguments: port, environments, interval in ms.
 */
import { connect, type Socket } from 'node:net';

const [port, environments, intervalMs] = process.argv.slice(2).map(Number) as [number, number, number];
const SOCKETS = 8;

interface Line {
  readonly socket: Socket;
  busy: ((body: unknown) => void) | null;
}

const lines: Line[] = [];
const waiting: { readonly path: string; readonly done: (body: unknown) => void }[] = [];
let read = 0;

function open(): Line {
  const line: Line = { socket: connect({ port, host: '127.0.0.1', noDelay: true }), busy: null };
  let chunks: Buffer[] = [];
  let held = 0;
  let bodyAt = -1;
  let end = -1;
  line.socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    held += chunk.length;
    if (bodyAt < 0) {
      const head = chunks.length === 1 ? chunk : Buffer.concat(chunks);
      chunks = [head];
      const at = head.indexOf('\r\n\r\n');
      if (at < 0) return;
      bodyAt = at + 4;
      end = bodyAt + Number(/content-length: (\d+)/i.exec(head.toString('latin1', 0, at))![1]);
    }
    if (held < end) return;
    const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    const body: unknown = JSON.parse(whole.toString('utf8', bodyAt, end));
    [chunks, held, bodyAt, end] = [[], 0, -1, -1];
    const done = line.busy!;
    line.busy = null;
    send();
    done(body);
  });
  return line;
}

function send(): void {
  const line =
    lines.find(({ busy }) => busy === null) ?? (lines.length < SOCKETS ? lines[lines.push(open()) - 1]! : null);
  const next = line === null ? undefined : waiting.shift();
  if (line === null || next === undefined) return;
  line.busy = next.done;
  line.socket.write(
    `GET ${next.path} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: key\r\naccept: application/json\r\n\r\n`,
  );
}

function get(path: string): Promise<unknown> {
  return new Promise((done) => {
    waiting.push({ path, done });
    send();
  });
}

async function poll(id: string): Promise<void> {
  const stats = (await get(`/v1/environments/${id}/work/stats`)) as { depth: number };
  const page = (await get(`/v1/environments/${id}/work?limit=1000`)) as { data: unknown[] };
  read += stats.depth + page.data.length;
}

for (let n = 0; n < environments; n++) {
  const id = `env_01bench${String(n).padStart(13, '0')}`;
  setTimeout(
    () => {
      void poll(id);
      setInterval(() => void poll(id), intervalMs);
    },
    (n / environments) * intervalMs,
  );
}
process.on('disconnect', () => process.exit(read > 0 ? 0 : 1));
