import type { Answering, Hostile } from './answering.ts';

const head = (length: number) => `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`;

/** Piece by piece, as soon as one has been sent. */
const inPieces =
  (size: number): Answering =>
  (socket, { body }) => {
    socket.write(head(body.length));
    let at = 0;
    const more = () => {
      socket.write(body.slice(at, at + size));
      at += size;
      if (at < body.length) setImmediate(more);
    };
    more();
  };

/** When a connection ends, and what else comes over it. */
export const CONNECTIONS: readonly Hostile[] = [
  ['no byte', () => {}, 'timeout'],
  ['the end at once', (socket) => socket.end(), 'network'],
  ['a reset at once', (socket) => socket.resetAndDestroy(), 'network'],
  [
    'a reset in the body',
    (socket, { body }) => socket.write(head(body.length) + body.slice(0, 20), () => socket.resetAndDestroy()),
    'network',
  ],
  [
    'the first half of a body, and no more',
    (socket, { body }) => void socket.write(head(body.length * 2) + body),
    'timeout',
  ],
  ['a byte at a time', inPieces(1), 'ok'],
  [
    'the end after it',
    (socket, { body, reply }) => {
      reply(body);
      socket.end();
    },
    'ok',
  ],
  [
    'garbage after it',
    (socket, { body, reply }) => {
      reply(body);
      socket.write('garbage');
    },
    'ok',
  ],
  [
    'a second answer after it',
    (_, { body, reply }) => {
      reply(body);
      reply('{"depth":777,"pending":777,"data":[],"next_page":null}');
    },
    'ok',
  ],
];
