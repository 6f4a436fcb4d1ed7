import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { counted } from '../../base/text.ts';
import { costlyJson, TOO_DEEP } from '../answers/costly-json.ts';
import { BodyError, tooLong } from './body-error.ts';
import { headerText, type ResponseHeaders } from './response-headers.ts';

const decoders = new Map<string, (data: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

/** The compression of a body; null when there is none, as requested. */
export function compressionOf(headers: ResponseHeaders): string | null {
  const encoding = headerText(headers, 'content-encoding')?.trim().toLowerCase() ?? 'identity';
  return encoding === 'identity' || encoding === '' ? null : encoding;
}

/**
 * A body without its compression, at most `mostBytes`.
 *
 * The client asks for no compression, but some proxies compress anyway.
 *
 * @throws BodyError
 */
export async function decompressed(raw: Buffer, encoding: string, mostBytes: number): Promise<Buffer> {
  const decode = decoders.get(encoding);
  if (decode === undefined) throw new BodyError('a compression that was not requested');
  try {
    return await decode(raw, { maxOutputLength: mostBytes });
  } catch (error) {
    throw (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLong(mostBytes)
      : new BodyError('a compressed body that is damaged');
  }
}

/**
 * The JSON of a body.
 *
 * @throws BodyError that says what was there instead
 */
export function parseBody(body: Buffer, headers: ResponseHeaders): unknown {
  if (body.length === 0) throw new BodyError('an empty body');
  const unreadable = costlyJson(body);
  if (unreadable !== null) throw new BodyError(unreadable, { tooMuch: unreadable !== TOO_DEEP });
  const text = body.toString('utf8');
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    if (isHtml(text, headers)) throw new BodyError('an HTML page instead of JSON', { isPage: true });
    throw new BodyError(`${counted(body.length, ['byte that is', 'bytes that are'])} not JSON`);
  }
}

/** Whether a body that is no JSON is a page for people. */
function isHtml(text: string, headers: ResponseHeaders): boolean {
  const type = headerText(headers, 'content-type') ?? '';
  return type.toLowerCase().includes('html') || /^\s*<(!doctype|html)/i.test(text.slice(0, 100));
}
