import { CommandExit, EXIT } from '../command/command-exit.ts';

/** Where the exporter is. The address may be shown; its credentials are only sent. */
export interface ExporterAddress {
  /** Without user name and password. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Parses `--exporter`; user name and password become basic authentication. @throws CommandExit that does not show it
 */
export function exporterAddress(written: string): ExporterAddress {
  const url = URL.parse(written);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new CommandExit(EXIT.usage, '--exporter: is not the address of an exporter; write it as http://HOST:PORT');
  }
  const { username, password } = url;
  url.username = '';
  url.password = '';
  if (username === '' && password === '') return { url: url.href, headers: {} };
  const user = `${decoded(username)}:${decoded(password)}`;
  return { url: url.href, headers: { authorization: `Basic ${Buffer.from(user).toString('base64')}` } };
}

/** What is written without percent-encoding is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
