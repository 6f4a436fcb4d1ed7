import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { costlyJson } from './costly-json.ts';
import { headerText, type ResponseHeaders } from './retry-after.ts';

/** A body that cannot be used; `problem` ends the sentence `… was answered with 200 and `. Never quotes the body. */
export class BodyError extends Error {
  readonly problem: string;

  constructor(problem: string) {
    super(problem);
    this.name = 'BodyError';
    this.problem = problem;
  }
}

const decoders: Readonly<Record<string, (data: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/**
 * The whole body, at most `mostBytes` before and after decompression; what is longer is cut off at once.
 *
 * The client asks for no compression, but some proxies compress all the same.
 *
 * @throws BodyError; and what undici throws when the connection ends
 */
export async function readBody(
  body: Dispatcher.ResponseData['body'],
  headers: ResponseHeaders,
  mostBytes: number,
): Promise<Buffer> {
  const tooLong = new BodyError(`more than the ${mostBytes} bytes that it may have`);
  if (Number(headerText(headers, 'content-length')) > mostBytes) {
    await discard(body);
    throw tooLong;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Leaving the loop destroys the stream, and with it the connection: the rest is never read.
    if (length > mostBytes) throw tooLong;
    chunks.push(chunk);
  }
  const raw = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length);
  const encoding = headerText(headers, 'content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return raw;
  const decode = decoders[encoding];
  if (decode === undefined) throw new BodyError('a compression that was not asked for');
  try {
    return await decode(raw, { maxOutputLength: mostBytes });
  } catch (error) {
    throw (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLong
      : new BodyError('a compressed body that is damaged');
  }
}

/** Ends a body without reading it; the connection is not used again. */
export async function discard(body: Dispatcher.ResponseData['body']): Promise<void> {
  await new Promise<void>((resolve) =>
    body
      .once('error', () => {})
      .once('close', resolve)
      .destroy(),
  );
}

/**
 * The JSON of a body.
 *
 * @throws BodyError that says what was there instead
 */
export function parseJson(body: Buffer, headers: ResponseHeaders): unknown {
  if (body.length === 0) throw new BodyError('an empty body');
  const unreadable = costlyJson(body);
  if (unreadable !== null) throw new BodyError(unreadable);
  const text = body.toString('utf8');
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    const isHtml =
      headerText(headers, 'content-type')?.includes('html') || /^\s*<(!doctype|html)/i.test(text.slice(0, 100));
    throw new BodyError(isHtml ? 'an HTML page instead of JSON' : `${body.length} bytes that are not JSON`);
  }
}
