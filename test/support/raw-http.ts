import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** Sends bytes as they are and reads until the server ends the connection. */
export async function rawAnswer(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}

/** `count` sockets that send `bytes`, each, and read nothing until they are told to. All end with the block. */
export async function hostileClients(
  port: number,
  { count, bytes }: { readonly count: number; readonly bytes: string },
): Promise<Disposable & { readonly sockets: readonly Socket[] }> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'));
  for (const socket of sockets) {
    socket.pause();
    socket.on('error', () => {});
  }
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const socket of sockets) if (bytes !== '') socket.write(bytes);
  return {
    sockets,
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A GET as small as HTTP allows. */
export function getBytes(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nhost:x\r\n${headers}\r\n`;
}
