import { ExporterError, errorText, systemErrorCode } from '../../base/errors.ts';

/** The server could not listen on its address; the process ends with exit code 3. */
export class ListenError extends ExporterError {
  constructor(host: string, port: number, cause: unknown) {
    super('cannot_listen', `Cannot listen on ${address(host, port)}: ${what(cause)}.`, {
      cause,
      remedy: remedy(cause, port),
    });
  }
}

/** `HOST:PORT`, with an IPv6 host in brackets. */
export function address(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function what(cause: unknown): string {
  switch (systemErrorCode(cause)) {
    case 'EADDRINUSE':
      return 'the port is taken by another process';
    case 'EACCES':
      return 'permission denied';
    case 'EADDRNOTAVAIL':
      return 'no network interface of this machine has that address';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name has no address';
    default:
      return errorText(cause);
  }
}

function remedy(cause: unknown, port: number): string {
  switch (systemErrorCode(cause)) {
    case 'EADDRINUSE':
      return `Stop the process that listens on port ${port}, or choose another address with --listen HOST:PORT.`;
    case 'EACCES':
      return 'Ports below 1024 need a privilege; choose a higher one with --listen HOST:PORT.';
    default:
      return 'Choose an address of this machine with --listen HOST:PORT, for instance 0.0.0.0:9877.';
  }
}
