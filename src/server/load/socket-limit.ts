import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * The most concurrent connections: far more than scrapers and people need, far fewer than the files that a process may
 * open.
 */
export const MOST_SOCKETS = 600;

/** Limits the number of connections and keeps room for new ones: the oldest connection without a request is closed. */
export function limitSockets(server: Server): void {
  const sockets = new Map<string, Socket>();
  const answering = new Map<string, number>();

  server.on('connection', (socket) => {
    if (sockets.size >= MOST_SOCKETS) {
      const idle = [...sockets].find(([peer]) => !answering.has(peer));
      (idle === undefined ? socket : idle[1]).destroy();
      if (idle === undefined) return;
      sockets.delete(idle[0]);
    }
    // With TLS the socket of a request is a different object; the peer's address is the same.
    const peer = peerOf(socket);
    sockets.set(peer, socket);
    socket.once('close', () => {
      if (sockets.get(peer) !== socket) return;
      sockets.delete(peer);
      // A request that waits behind another gets no close event when its socket closes.
      answering.delete(peer);
    });
  });

  server.on('request', ({ socket }, response) => {
    const peer = peerOf(socket);
    answering.set(peer, (answering.get(peer) ?? 0) + 1);
    response.once('close', () => {
      const left = (answering.get(peer) ?? 1) - 1;
      if (left > 0) answering.set(peer, left);
      else answering.delete(peer);
    });
  });
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
