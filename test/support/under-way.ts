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

export function requestsUnderWay(): number {
  return requests.size;
}

/** Whether this process waits for what takes real time: an answer, a file, a name. */
export function isWaitingForOthers(): boolean {
  return requests.size > 0 || process.getActiveResourcesInfo().some((kind) => WAITED_FOR.test(kind));
}
