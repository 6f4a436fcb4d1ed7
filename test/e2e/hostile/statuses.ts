import { type Answering, body, type Hostile, type Outcome, UNSEEN } from './answering.ts';

/** With the body of a good answer. */
const status = (line: string, ...head: readonly string[]): Answering => {
  return (_, { body, reply }) => reply(body, { status: line, head });
};

const plain = (line: string, outcome: Outcome): Hostile => [`the status ${line}`, status(line), outcome];

const redirect = (line: string, location: (elsewhere: string) => string): Answering => {
  return (_, { elsewhere, reply }) => reply('', { status: line, head: [`location: ${location(elsewhere)}`] });
};

const error = (line: string, type: string, message: (key: string) => string): Answering => {
  return (_, { key, reply }) => {
    const text = JSON.stringify({
      type: 'error',
      error: { type, message: message(key), extra: UNSEEN + key },
      request_id: key,
    });
    reply(text, { status: line, head: [`request-id: ${key}`] });
  };
};

/** Statuses, redirects and the bodies of errors. */
export const STATUSES: readonly Hostile[] = [
  ...['201 Created', '203 Odd', '204 No Content', '205 Reset', '206 Partial', '207 Multi', '299 Odd'].map((line) =>
    plain(line, 'bad_response'),
  ),
  ...['300 Choices', '304 Not Modified', '400 Bad', '402 Pay', '407 Proxy', '421 Misdirected', '425 Early'].map(
    (line) => plain(line, 'client_error'),
  ),
  ...['431 Heads', '451 Law', '499 Closed'].map((line) => plain(line, 'client_error')),
  ...['500 Error', '501 Odd', '505 Version', '511 Login', '600 Odd', '999 Odd'].map((line) =>
    plain(line, 'server_error'),
  ),
  ...['000 Zero', '1000 Odd', '20 Short', '+200 OK', 'OK'].map((line) => plain(line, 'bad_response')),
  plain('408 Timeout', 'timeout'),
  plain('401 Unauthorized', 'unauthorized'),
  plain('403 Forbidden', 'forbidden'),
  plain('404 Not Found', 'not_found'),
  ['a part of it', status('206 Partial', 'content-range: bytes 0-10/20'), 'bad_response'],
  ['a challenge', status('401 Unauthorized', 'www-authenticate: Basic realm="x\\"y"'), 'unauthorized'],
  ['the challenge of a proxy', status('407 Proxy', 'proxy-authenticate: Basic realm="x"'), 'client_error'],
  ['200 without a body', body(() => ''), 'bad_response'],
  [
    'an error with 200',
    body(() => '{"type":"error","error":{"type":"overloaded_error","message":"x"}}'),
    'bad_response',
  ],

  ['a redirect to another host', redirect('301 Moved', (elsewhere) => `${elsewhere}/v1`), 'client_error'],
  ['a redirect to another host that keeps the method', redirect('308 Moved', (elsewhere) => elsewhere), 'client_error'],
  ['a redirect without a scheme', redirect('302 Found', (elsewhere) => elsewhere.slice(5)), 'client_error'],
  [
    'a redirect to what would claim work',
    redirect('302 Found', () => '/v1/environments/env_0/work/poll'),
    'client_error',
  ],
  ['a redirect to itself', redirect('307 Moved', () => ''), 'client_error'],
  ['a redirect to no address', redirect('308 Moved', () => 'http://[::bad'), 'client_error'],
  ['a redirect to a file', redirect('302 Found', () => 'file:///etc/passwd'), 'client_error'],

  ['an error that names the key', error('501 Odd', 'api_error', (key) => `key ${key} is bad`), 'server_error'],
  [
    'an error of the type of the key',
    (socket, asked) => error('400 Bad', asked.key, () => '')(socket, asked),
    'client_error',
  ],
  [
    'an error with the key in base64',
    error('403 No', 'permission_error', (key) => Buffer.from(`Bearer ${key}`).toString('base64')),
    'forbidden',
  ],
  [
    'an error with the key, escaped',
    error('500 No', 'api_error', (key) => encodeURIComponent(`"${key}"`)),
    'server_error',
  ],
  [
    'an error of many lines',
    error('500 No', 'api_error', () => 'a\n\r\n\u2028\x1b[31mb\0'.repeat(1000)),
    'server_error',
  ],
  ['an error that is a web page', body(() => `<html><h1>${UNSEEN}</h1>`), 'bad_response'],
  [
    'an error of 1 MB',
    (_, { reply }) => reply(JSON.stringify({ error: { message: 'x'.repeat(1e6) } }), { status: '500 Error' }),
    'server_error',
  ],
];
