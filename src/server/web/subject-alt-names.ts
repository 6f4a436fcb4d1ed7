import { isIPv6 } from 'node:net';

/** One name: its kind and its text, which Node writes as a JSON string if it has special characters. */
const ENTRY = /(DNS|IP Address|URI|email):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/y;

/** The DNS names, addresses, e-mail addresses and URIs of a certificate's `subjectAltName`, as Go writes them. */
export function subjectAltNames(text: string | undefined): string[] {
  const names: string[] = [];
  ENTRY.lastIndex = 0;
  for (let match = ENTRY.exec(text ?? ''); match !== null; match = ENTRY.exec(text ?? '')) {
    const written = match[2]!.startsWith('"') ? unquoted(match[2]!) : match[2]!;
    if (written !== null) names.push(match[1] === 'IP Address' && isIPv6(written) ? shortIPv6(written) : written);
    if (ENTRY.lastIndex === (text ?? '').length) break;
  }
  return names;
}

function unquoted(text: string): string | null {
  try {
    return String(JSON.parse(text));
  } catch {
    return null;
  }
}

function shortIPv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
