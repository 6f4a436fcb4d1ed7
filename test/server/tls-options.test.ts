import { once } from 'node:events';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostileClients } from '../support/hostile-client.ts';
import { GuardedServers, TLS } from './guarded-servers.ts';

let servers: GuardedServers;
beforeAll(() => {
  servers = new GuardedServers();
});
afterAll(() => servers[Symbol.dispose]());

describe('the TLS of the server', () => {
  /** What a handshake settles on, or its error. */
  async function handshake(port: number, options: ConnectionOptions) {
    const socket = tlsConnect({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: servers.pki.ca.cert,
      ...options,
    });
    try {
      await once(socket, 'secureConnect');
      const { subject } = socket.getPeerCertificate();
      return `${socket.getProtocol()} ${socket.getCipher().standardName} ${subject.CN}`;
    } catch (error) {
      return (error as { code?: string }).code ?? 'failed';
    } finally {
      socket.destroy();
    }
  }

  const OLD = { maxVersion: 'TLSv1.2' } as const;

  it.each([
    ['1.3 by default', '', {}, 'TLSv1.3 '],
    ['1.2 is the least by default', '', OLD, 'TLSv1.2 '],
    [
      '1.1 when asked for',
      '  min_version: TLS11\n',
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
      'TLSv1.1 ',
    ],
    ['min_version', '  min_version: TLS13\n', OLD, /PROTOCOL_VERSION/],
    ['max_version', '  max_version: TLS12\n', {}, 'TLSv1.2 '],
    [
      'the first suite of the server wins',
      '  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n',
      { ...OLD, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384' },
      'TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    ],
    [
      'a suite that is not listed',
      '  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n',
      { ...OLD, ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
      /HANDSHAKE_FAILURE/,
    ],
    ['1.3 beside a list of suites', '  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n', {}, 'TLSv1.3 '],
    ['a curve that is listed', '  curve_preferences: [CurveP384]\n', { ecdhCurve: 'secp384r1' }, 'TLSv1.3 '],
  ] as const)('%s', async (_name, lines, options, expected) => {
    await using server = await servers.start(`${TLS}${lines}`);
    const settled = await handshake(server.port, options as ConnectionOptions);
    if (typeof expected === 'string') expect(settled.startsWith(expected)).toBe(true);
    else expect(settled).toMatch(expected);
  });

  it('a new certificate is shown to whoever connects after a reload', async () => {
    await using server = await servers.start(TLS);
    expect(await handshake(server.port, {})).toMatch(/ server$/);
    servers.pki.server('renewed');
    await server.replace('tls_server_config:\n  cert_file: renewed.crt\n  key_file: renewed.key\n');
    expect(await handshake(server.port, {})).toMatch(/ renewed$/);
  });

  it('500 sockets that never begin a handshake, or stop in the middle of one: health answers', async () => {
    await using server = await servers.start(TLS);
    using _ = await hostileClients(server.port, { count: 250, bytes: '' });
    using __ = await hostileClients(server.port, { count: 250, bytes: '\x16\x03\x01\x02\x00\x01\x00\x01' });
    expect((await servers.ask(`${server.url}/-/healthy`)).status).toBe(200);
    expect((await servers.ask(`${server.url}/metrics`)).status).toBe(200);
  });
});
