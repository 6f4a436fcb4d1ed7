import { describe, expect, it } from 'vitest';
import { type Caller, isLoopbackAddress, lifecycleRefusal } from '../../../src/server/http/lifecycle-rights.ts';

const local: Caller = {
  remoteAddress: '127.0.0.1',
  host: 'localhost:9877',
  origin: undefined,
  fetchSite: undefined,
  forwarded: false,
};
const remote: Caller = { ...local, remoteAddress: '10.0.0.7', host: 'exporter.internal:9877' };

describe('who may change the process', () => {
  it.each([
    ['loopback', local, null],
    ['loopback', { ...local, remoteAddress: '::1' }, null],
    ['loopback', { ...local, remoteAddress: '::ffff:127.0.0.1' }, null],
    ['loopback', remote, 'not_loopback'],
    ['loopback', { ...local, remoteAddress: undefined }, 'not_loopback'],
    ['loopback', { ...local, forwarded: true }, 'not_loopback'],
    ['loopback', { ...local, origin: 'http://localhost:9877' }, null],
    ['loopback', { ...local, host: '127.0.0.1:9877', origin: 'http://127.0.0.1:9877' }, null],
    ['loopback', { ...local, host: '[::1]:9877', origin: 'http://[::1]:9877' }, null],
    ['loopback', { ...local, origin: 'https://evil.example' }, 'cross_site'],
    ['loopback', { ...local, origin: 'http://localhost:3000' }, 'cross_site'],
    ['loopback', { ...local, origin: 'null' }, 'cross_site'],
    ['loopback', { ...local, fetchSite: 'cross-site' }, 'cross_site'],
    ['loopback', { ...local, fetchSite: 'same-site' }, 'cross_site'],
    ['loopback', { ...local, fetchSite: 'same-origin' }, null],
    // DNS that points an attacker's name at this machine makes the page "same origin".
    ['loopback', { ...local, host: 'evil.example:9877', origin: 'http://evil.example:9877' }, 'cross_site'],
    ['anyone', remote, null],
    ['anyone', { ...remote, forwarded: true }, null],
    ['anyone', { ...remote, origin: 'http://exporter.internal:9877' }, null],
    ['anyone', { ...remote, origin: 'https://evil.example' }, 'cross_site'],
    ['off', local, 'lifecycle_off'],
    ['off', remote, 'lifecycle_off'],
  ] as const)('%s, %o: %s', (lifecycle, caller, expected) => {
    const refusal = lifecycleRefusal(lifecycle, caller);
    expect(refusal?.code ?? null).toBe(expected);
    if (refusal !== null) expect(refusal).toMatchObject({ status: 403, remedy: expect.stringMatching(/\.$/) });
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.255.3.9', true],
  ['::1', true],
  ['::FFFF:127.0.0.1', true],
  ['128.0.0.1', false],
  ['10.127.0.0.1', false],
  ['127.0.0.1.evil.example', false],
  ['::ffff:10.0.0.1', false],
  [undefined, false],
] as const)('%s is loopback: %s', (address, expected) => {
  expect(isLoopbackAddress(address)).toBe(expected);
});
