import { expect, it } from 'vitest';
import { wellKnownAddress } from '../../../src/app/connections/well-known-address.ts';
import type { ProviderName } from '../../../src/wire/presets.ts';

const PUBLIC = 'https://api.anthropic.com';
const at = (baseUrl: string, provider: ProviderName = 'anthropic') => ({ provider, baseUrl });

it.each([
  ['of the public API', [at(PUBLIC)], PUBLIC],
  ['of two connections with the public API', [at(PUBLIC), at(PUBLIC)], PUBLIC],
  ['of a gateway of somebody', [at('https://gateway.internal/token/anthropic')], null],
  ['of the public API over another path', [at(`${PUBLIC}/proxy`)], null],
  ['of two connections that differ', [at(PUBLIC), at('https://gateway.internal')], null],
  ['of a service whose requests look different', [at('https://api.qoder.com', 'qoder')], null],
  ['of one that has no address by default', [at('https://work.example.com', 'opensdlc')], null],
  ['of no connection', [], null],
])('the address %s is told to readers of the runbooks only if it is no secret', (_, connections, address) => {
  expect(wellKnownAddress(connections)).toBe(address);
});
