import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Pair, Pki } from '../support/pki.ts';
import { GuardedServers, OPEN, PROTECTED, TLS } from './guarded-servers.ts';

let servers: GuardedServers;
beforeAll(() => {
  servers = new GuardedServers();
});
afterAll(() => servers[Symbol.dispose]());

describe('a client certificate', () => {
  const verified = `${TLS}  client_ca_file: ca.crt\n  client_auth_type: `;
  let stranger: Pair;
  let strangers: Pki;
  beforeAll(() => {
    strangers = new Pki();
    stranger = strangers.client('stranger', 'DNS:prometheus');
  });
  afterAll(() => strangers[Symbol.dispose]());

  it.each([
    ['NoClientCert', `${TLS}  client_auth_type: NoClientCert\n`, { none: 200, ours: 200, strange: 200 }],
    ['RequestClientCert', `${verified}RequestClientCert\n`, { none: 200, ours: 200, strange: 200 }],
    ['RequireAnyClientCert', `${verified}RequireAnyClientCert\n`, { none: 403, ours: 200, strange: 200 }],
    ['VerifyClientCertIfGiven', `${verified}VerifyClientCertIfGiven\n`, { none: 200, ours: 200, strange: 403 }],
    ['RequireAndVerifyClientCert', `${verified}RequireAndVerifyClientCert\n`, { none: 403, ours: 200, strange: 403 }],
    [
      'without a CA: those of the system',
      `${TLS}  client_auth_type: RequireAndVerifyClientCert\n`,
      { none: 403, ours: 403, strange: 403 },
    ],
    [
      'an allowed name',
      `${verified}RequireAndVerifyClientCert\n  client_allowed_sans: [other, prometheus]\n`,
      { none: 403, ours: 200, strange: 403 },
    ],
    [
      'an allowed URI',
      `${verified}RequireAndVerifyClientCert\n  client_allowed_sans: ["spiffe://cluster/prometheus"]\n`,
      { none: 403, ours: 200, strange: 403 },
    ],
    [
      'no allowed name',
      `${verified}RequireAndVerifyClientCert\n  client_allowed_sans: [bad]\n`,
      { none: 403, ours: 403, strange: 403 },
    ],
    [
      'names where none is required',
      `${verified}VerifyClientCertIfGiven\n  client_allowed_sans: [prometheus]\n`,
      { none: 403, ours: 200, strange: 403 },
    ],
  ] as const)('%s', async (_name, text, expected) => {
    await using server = await servers.start(text);
    for (const path of PROTECTED) {
      const status = (of: number) => (of === 200 && path === '/nothing' ? 404 : of);
      expect((await servers.ask(`${server.url}${path}`)).status).toBe(status(expected.none));
      expect((await servers.ask(`${server.url}${path}`, { pair: servers.client })).status).toBe(status(expected.ours));
      expect((await servers.ask(`${server.url}${path}`, { pair: stranger })).status).toBe(status(expected.strange));
    }
    for (const path of OPEN) expect((await servers.ask(`${server.url}${path}`)).status).toBe(200);
  });

  it('that is not good any more does not outlive the request that was under way at the reload', async () => {
    const [asked, rendered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await using server = await servers.start(`${verified}RequireAndVerifyClientCert\n`, () => {
      asked.resolve();
      return rendered.promise;
    });
    servers.pki.write('strangers.crt', strangers.ca.cert);
    const dispatcher = servers.connection(servers.client);
    const ask = () => request(`${server.url}/metrics`, { dispatcher });
    const begun = ask();
    await asked.promise;
    await server.replace(`${TLS}  client_ca_file: strangers.crt\n  client_auth_type: RequireAndVerifyClientCert\n`);
    rendered.resolve();
    const answers = [await begun];
    await answers[0]!.body.dump();
    answers.push(await ask());
    await answers[1]!.body.dump();
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 403]);
    await dispatcher.destroy();
  });
});
