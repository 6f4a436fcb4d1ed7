import { subscribe } from 'node:diagnostics_channel';

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
export function isReadingFiles(): boolean {
  return process.getActiveResourcesInfo().some((kind) => kind.includes('Req')) || portsInUse() > PORTS;
}

export function requestsUnderWay(): number {
  return requests.size;
}

/** Whether this process waits for what takes real time: an answer, a file, a name. */
export function isWaitingForOthers(): boolean {
  return requests.size > 0 || process.getActiveResourcesInfo().some((kind) => WAITED_FOR.test(kind));
}
