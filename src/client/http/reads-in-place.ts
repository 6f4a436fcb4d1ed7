import type { OnReadOpts, Socket } from 'node:net';
import type { buildConnector } from 'undici';
import type { ReadBlocks } from './read-blocks.ts';

/** How the sockets of a connector read: `onread` is for `net.connect` and `tls.connect`. */
export interface ReadsInPlace {
  readonly onread: OnReadOpts;
  /** Makes what `onread` takes in the next thing that is read from a socket. */
  readonly readFrom: (connect: buildConnector.connector) => buildConnector.connector;
}

/**
 * Sockets that read into blocks, and hand each piece to undici's parser at once, which is done with it before the next one
 * arrives. Only what the parser does not read at once goes through the stream of the socket, as a copy.
 */
export function readsInPlace(blocks: ReadBlocks): ReadsInPlace {
  let reading: Socket | null = null;
  let piece: Buffer | null = null;
  // Node asks for the next place right after each piece, without saying for which socket.
  let next: Buffer | null = null;

  function receive(socket: Socket, bytes: Buffer): boolean {
    // What came before it and has not been read yet comes first.
    if (socket.readableLength > 0) return socket.push(Buffer.from(bytes));
    reading = socket;
    piece = bytes;
    try {
      socket.emit('readable');
    } finally {
      reading = null;
    }
    const left = piece;
    piece = null;
    return left === null || socket.push(Buffer.from(left));
  }

  function readPieces(socket: Socket): void {
    const read = socket.read.bind(socket);
    const unshift = socket.unshift.bind(socket);
    socket.read = (size?: number): unknown => {
      if (reading !== socket || size !== undefined) return read(size);
      const bytes = piece;
      piece = null;
      return bytes ?? (socket.readableLength > 0 ? read() : null);
    };
    // Bytes after an answer outlast their block.
    socket.unshift = (chunk: Buffer): void => unshift(Buffer.from(chunk));
  }

  return {
    onread: {
      buffer() {
        const place = next ?? blocks.first();
        next = null;
        return place;
      },
      callback(this: Socket, bytes: number, place: Uint8Array) {
        blocks.arrive(place as Buffer);
        const goesOn = receive(this, (place as Buffer).subarray(0, bytes));
        next = blocks.after(place as Buffer, bytes);
        return goesOn;
      },
    } as OnReadOpts,
    readFrom: (connect) => (options, callback) =>
      connect(options, (...[error, socket]) => {
        if (error !== null) callback(error, null);
        else {
          readPieces(socket);
          callback(null, socket);
        }
      }),
  };
}
