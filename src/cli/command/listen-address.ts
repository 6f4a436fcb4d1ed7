import { InvalidArgumentError } from 'commander';
import { isNoAddress } from '../../config/options/address-types.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Parses `HOST:PORT`; without a host, it means loopback. @throws InvalidArgumentError */
export function listenAddress(text: string): ListenAddress {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new InvalidArgumentError('Write it as HOST:PORT, such as 127.0.0.1:9878.');
  if (isNoAddress(match[2] ?? ''))
    throw new InvalidArgumentError('Its host is no IPv4 address: write four numbers, each from 0 to 255.');
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port };
}
