import { describe, expect, it } from 'vitest';
import { lifecycleRejection, type Requester } from '../../../src/server/access/lifecycle-rights.ts';

const local: Requester = {
  remoteAddress: '127.0.0.1',
  host: 'localhost:9877',
  origin: undefined,
  fetchSite: undefined,
  forwarded: false,
};
const remote: Requester = { ...local, remoteAddress: '10.0.0.7', host: 'exporter.internal:9877' };

describe('who may change the process', () => {
  it.each([
    ['loopback', local, null],
    ['loopback', { ...local, remoteAddress: '::1' }, null],
    ['loopback', { ...local, remoteAddress: '::ffff:127.0.0.1' }, null],
    ['loopback', remote, 'not_loopback'],
    ['loopback', { ...local, remoteAddress: undefined }, 'not_loopback'],
    ['loopback', { ...local, forwarded: true }, 'not_loopback'],
    // A service mesh: its side of a connection has an address of 127.0.0.0/8 that nobody else has.
    ['loopback', { ...local, remoteAddress: '127.0.0.6' }, 'not_loopback'],
    ['loopback', { ...local, remoteAddress: '::ffff:127.0.0.6' }, 'not_loopback'],
    // A proxy on this machine that keeps the name under which it was asked.
    ['loopback', { ...local, host: 'exporter.example.com' }, 'not_loopback'],
    ['loopback', { ...local, host: '10.0.0.7:9877' }, 'not_loopback'],
    ['loopback', { ...local, host: undefined }, 'not_loopback'],
    ['loopback', { ...local, host: 'localhost:9877, exporter.example.com' }, 'not_loopback'],
    ['loopback', { ...local, host: 'LOCALHOST.' }, null],
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
    const refusal = lifecycleRejection(lifecycle, caller);
    expect(refusal?.code ?? null).toBe(expected);
    if (refusal !== null) expect(refusal).toMatchObject({ status: 403, remedy: expect.stringMatching(/\.$/) });
  });
});
