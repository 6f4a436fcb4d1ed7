import { body, type Hostile, type Json, UNSEEN, value } from './answering.ts';

const text = (change: (body: string) => string) => body((asked) => change(asked.body));
/** One more member at the end of the body. */
const member = (json: string) => text((whole) => `${whole.slice(0, -1)},${json}}`);
const nested = (open: string, inner: string, close: string, levels: number) =>
  member(`"x":${open.repeat(levels)}${inner}${close.repeat(levels)}`);
const utf32 = (whole: string) => Buffer.concat(Array.from(whole, (each) => Buffer.from([each.charCodeAt(0), 0, 0, 0])));

/** What is not the JSON that was expected, or is more than that. */
export const BODIES: readonly Hostile[] = [
  ...['null', '[]', '[[]]', '"x"', '5', '{}', 'true', ' ', '"', '-', '\\u0000'].map(
    (whole): Hostile => [`the body ${whole}`, body(() => whole), 'bad_response'],
  ),
  ['60,000 spaces', body(() => ' '.repeat(60_000)), 'bad_response'],
  ['a web page', body(() => `<!doctype html><title>${UNSEEN}</title>`), 'bad_response'],
  ['XML', body(() => `<?xml version="1.0"?><x>${UNSEEN}</x>`), 'bad_response'],
  ['a character after it', text((whole) => `${whole}x`), 'bad_response'],
  ['white space after it', text((whole) => whole + ' \n'.repeat(10_000)), 'ok'],
  ['two documents', text((whole) => `${whole}\n${whole}`), 'bad_response'],
  ['a comma at its end', text((whole) => whole.replace(/}$/, ',}')), 'bad_response'],
  ['a comment', text((whole) => `/*x*/${whole}`), 'bad_response'],
  ['single quotes', text((whole) => whole.replaceAll('"', "'")), 'bad_response'],
  ['a guard against scripts', text((whole) => `)]}',\n${whole}`), 'bad_response'],
  ['a byte order mark', text((whole) => `\ufeff${whole}`), 'ok'],
  ['two byte order marks', text((whole) => `\ufeff\ufeff${whole}`), 'bad_response'],
  ['UTF-16', body((asked) => Buffer.from(asked.body, 'utf16le')), 'bad_response'],
  ['UTF-16 with its mark', body((asked) => Buffer.from(`\ufeff${asked.body}`, 'utf16le')), 'bad_response'],
  ['UTF-16, the high byte first', body((asked) => Buffer.from(asked.body, 'utf16le').swap16()), 'bad_response'],
  ['UTF-32', body((asked) => utf32(asked.body)), 'bad_response'],
  [
    'bytes that are no UTF-8',
    body((asked) =>
      Buffer.concat([
        Buffer.from(`${asked.body.slice(0, -1)},"x":"`),
        Buffer.from([0xff, 0xc0, 0x80]),
        Buffer.from('"}'),
      ]),
    ),
    'ok',
  ],
  ['a NUL', text((whole) => `${whole.slice(0, -1)}\0}`), 'bad_response'],
  ['a line feed in a text', member('"x":"a\nb"'), 'bad_response'],
  ['half a surrogate pair', member('"x":"\\ud800"'), 'ok'],
  ['names with escapes', text((whole) => whole.replace(/"(d)(epth|ata)":/, '"\\u0064$2":')), 'ok'],
  ['its members twice', text((whole) => `{"depth":5,"data":[],"next_page":"x",${whole.slice(1)}`), 'ok'],
  [
    'members of the prototype',
    text(
      (whole) => `{"__proto__":{"depth":9,"x":1},"constructor":{"prototype":{"y":1}},"toString":1,${whole.slice(1)}`,
    ),
    'ok',
  ],
  ['a member that has the key', value((good, { key }) => ({ ...good, [key]: key })), 'ok'],
  ['another type', value((good: Json) => ({ ...good, type: 'something_else' })), 'ok'],
  ['9,000 arrays in one another', nested('[', '', ']', 9000), 'ok'],
  ['9,000 objects in one another', nested('{"a":', '1', '}', 9000), 'ok'],
  ['a million open arrays', body(() => '['.repeat(1e6)), 'bad_response'],
  ['50,000 members', member(Array.from({ length: 50_000 }, (_, n) => `"k${n}":1`).join()), 'bad_response'],
  ['a number of 50,000 digits', member(`"x":${'1'.repeat(50_000)}`), 'ok'],
  ['2 MB', text((whole) => whole + ' '.repeat(2e6)), 'ok'],
  ['10 MB', text((whole) => whole + ' '.repeat(1e7)), 'bad_response'],
];
