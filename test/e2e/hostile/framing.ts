import { type Answering, bytes, endless, good, type Hostile } from './answering.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

interface Chunks {
  readonly step?: number;
  readonly size?: (length: number) => string;
  readonly end?: string;
}

function chunks(body: string, { step = 100, size = (length) => length.toString(16), end = '0\r\n\r\n' }: Chunks = {}) {
  let text = CHUNKED;
  for (let at = 0; at < body.length; at += step) {
    const piece = body.slice(at, at + step);
    text += `${size(piece.length)}\r\n${piece}\r\n`;
  }
  return text + end;
}

const chunked = (how: Chunks): Answering => bytes((body) => chunks(body, how));
const padded = (digits: number) => (length: number) => length.toString(16).padStart(digits, '0');

/** `by`: what the length says too much. */
const ofLength = (by: number) => (body: string) => `${OK}content-length: ${body.length + by}\r\n\r\n${body}`;
const withLengths = (...lines: readonly string[]) => bytes(`${OK}${lines.join('\r\n')}\r\n\r\n{}`);

const INTERIM = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';

function interim(text: string): Answering {
  return (socket, { body, reply }) => {
    socket.write(text);
    reply(body);
  };
}

/** The same text again and again, after what comes before. */
function again(text: string, before = ''): Answering {
  const piece = text.repeat(Math.ceil(65_536 / text.length));
  return (socket) => {
    socket.write(before);
    endless(socket, () => piece);
  };
}

/** How long a body is, and where it ends. */
export const FRAMING: readonly Hostile[] = [
  ['50 early hints before it', interim(INTERIM.repeat(50)), 'ok'],
  ['early hints of 300 kB before it', interim(INTERIM.replace('</a>', 'x'.repeat(15_000)).repeat(20)), 'ok'],
  ['a 100 Continue before it', interim('HTTP/1.1 100 Continue\r\n\r\n'), 'network'],
  ['an unknown 199 before it', interim('HTTP/1.1 199 Odd\r\n\r\n'), 'ok'],
  ['empty lines before it', interim('\r\n\r\n'), 'ok'],
  ['early hints and no more', bytes(INTERIM), 'timeout'],
  ['early hints without end', again(INTERIM), 'timeout'],
  ['empty lines without end', again('\r\n'), 'timeout'],
  ['a status text without end', again('O', 'HTTP/1.1 200 '), 'timeout'],
  ['a chunk extension without end', again('e', `${CHUNKED}1;`), 'timeout'],
  ['a chunk size of zeros without end', again('0', CHUNKED), 'timeout'],
  ['10,000 times 102 Processing', bytes('HTTP/1.1 102 Processing\r\n\r\n'.repeat(10_000)), 'timeout'],
  [
    'a switch to WebSocket',
    bytes('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'),
    'network',
  ],
  ['an offer of HTTP/2', good({ head: ['upgrade: h2c', 'connection: upgrade'] }), 'ok'],
  ['an offer of HTTP/3', good({ head: ['alt-svc: h3="127.0.0.1:9"; persist=1'] }), 'ok'],

  ['chunks of one byte', chunked({ step: 1 }), 'ok'],
  ['chunks with extensions', chunked({ size: (length) => `${length.toString(16)};a=b;c="d e"` }), 'ok'],
  [
    'chunks with extensions of 100 kB',
    chunked({ size: (length) => `${length.toString(16)};${'e'.repeat(1e5)}` }),
    'ok',
  ],
  ['chunk sizes of 300 digits', chunked({ size: padded(300) }), 'ok'],
  ['chunk sizes in capitals', chunked({ size: (length) => length.toString(16).toUpperCase() }), 'ok'],
  ['a chunk size that no number holds', bytes(`${CHUNKED}FFFFFFFFFFFFFFFF1\r\n`), 'bad_response'],
  ['a negative chunk size', bytes(`${CHUNKED}-5\r\nabcde`), 'bad_response'],
  ['a chunk size that is none', bytes(`${CHUNKED}five\r\nabcde`), 'bad_response'],
  ['chunks without an end', chunked({ end: '' }), 'timeout'],
  ['chunks that break off', bytes((body) => chunks(body, { end: '5\r\nab' }), 'end'), 'network'],
  ['chunks with trailers that repeat a length', chunked({ end: '0\r\ncontent-length: 5\r\n\r\n' }), 'bad_response'],
  ['chunks with a trailer', chunked({ end: '0\r\nx-checksum: 1\r\n\r\n' }), 'ok'],
  [
    'chunks with 500 kB of trailers',
    chunked({ end: `0\r\n${`x: ${'y'.repeat(1000)}\r\n`.repeat(500)}\r\n` }),
    'bad_response',
  ],
  [
    'chunks without end',
    (socket) => {
      socket.write(CHUNKED);
      endless(socket, () => `10000\r\n${' '.repeat(65_536)}\r\n`);
    },
    'bad_response',
  ],
  [
    'a body without end',
    (socket) => {
      socket.write(`${OK}\r\n`);
      endless(socket, () => ' '.repeat(65_536));
    },
    'bad_response',
  ],

  ['a length that is 3 too short', bytes(ofLength(-3)), 'bad_response'],
  ['a length that is 30 too long, and the end', bytes(ofLength(30), 'end'), 'network'],
  ['a length that is 30 too long, and no end', bytes(ofLength(30)), 'timeout'],
  ['a negative length', withLengths('content-length: -1'), 'bad_response'],
  ['a length with a sign', withLengths('content-length: +2'), 'bad_response'],
  ['a length in hexadecimal', withLengths('content-length: 0x2'), 'bad_response'],
  ['a length that is empty', withLengths('content-length: '), 'bad_response'],
  ['a length of a petabyte', withLengths('content-length: 999999999999999'), 'bad_response'],
  ['a length that no number holds', withLengths('content-length: 99999999999999999999999'), 'bad_response'],
  ['two lengths', withLengths('content-length: 2', 'content-length: 900'), 'bad_response'],
  ['the same length twice', withLengths('content-length: 2', 'content-length: 2'), 'bad_response'],
  ['a list of lengths', withLengths('content-length: 2, 2'), 'bad_response'],
  ['a length and chunks', withLengths('content-length: 2', 'transfer-encoding: chunked'), 'bad_response'],
  ['a transfer in gzip and chunks', withLengths('transfer-encoding: gzip, chunked'), 'bad_response'],
  ['a transfer without an encoding, and no end', withLengths('transfer-encoding: identity'), 'timeout'],
];
