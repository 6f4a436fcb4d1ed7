import type { IncomingMessage } from 'node:http';
import type { ErrorAnswer } from '../http/answer-error.ts';

type Request = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders' | 'httpVersionMajor' | 'httpVersion'>;

/** A host as RFC 3986 allows it, and a port; or nothing, where a target has no authority. */
const HOST_FIELD = /^(?:\[[\w.:~%!$&'()*+,;=-]+\]|[\w.~%!$&'()*+,;=-]*)(?::\d*)?$/;

/**
 * Why RFC 9112 requires a server to reject a request that Node's parser accepts; null if it does not. A proxy in front
 * may read such a request in another way, and then check another host or another body than this server sees.
 */
export function requestFault(request: Request): (ErrorAnswer & { readonly status: number }) | null {
  const { method, url, headers, httpVersion, httpVersionMajor } = request;
  if (httpVersionMajor !== 1) {
    const message = 'The request is not in HTTP/1.1.';
    return { status: 505, code: 'unknown_version', message, remedy: 'Use HTTP/1.1 or HTTP/1.0.' };
  }
  if (hostFields(request) > 1) return rejected('The request has several Host headers.', 'Send one.');
  if (headers.host !== undefined && !HOST_FIELD.test(headers.host)) {
    return rejected('The Host header is no name or address.', 'Send HOST or HOST:PORT.');
  }
  if (url === '*' && method !== 'OPTIONS')
    return rejected('The request names no path.', 'Ask for one such as /metrics.');
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return null;
  // A proxy that speaks 1.0 knows no chunks, and takes them for the body or for the next request.
  if (httpVersion === '1.0') return rejected('HTTP/1.0 has no Transfer-Encoding.', 'Send a Content-Length.');
  if (coding.toLowerCase() === 'chunked') return null;
  const message = 'The request has a Transfer-Encoding that is not known.';
  return { status: 501, code: 'unknown_encoding', message, remedy: 'Use chunked, or a Content-Length.' };
}

function rejected(message: string, remedy: string) {
  return { status: 400, code: 'bad_request', message, remedy };
}

/** Node keeps the first of several in `headers`. */
function hostFields({ rawHeaders }: Pick<Request, 'rawHeaders'>): number {
  let fields = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === 'host') fields++;
  }
  return fields;
}
