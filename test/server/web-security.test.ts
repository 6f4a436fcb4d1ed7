import { once } from 'node:events';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';
import { hashSync } from 'bcrypt';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/base/files.ts';
import { loadWebConfig } from '../../src/config/web.ts';
import type { WebSecurity } from '../../src/domain/server-settings.ts';
import type { Format } from '../../src/metrics/format.ts';
import { serverDeps, startServer } from '../support/http-server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { type Pair, Pki } from '../support/pki.ts';
import { LivePrometheus } from '../support/prometheus.ts';
import { hostileClients } from '../support/raw-http.ts';
import { buildState, NOW } from '../support/states.ts';
import { waitForExpected } from '../support/wait-until.ts';

const PASSWORD = 'secret-canary-password';
const PROTECTED = ['/', '/metrics', '/api/v1/environments', '/api/v1/environments/env_1', '/nothing'];
const OPEN = ['/-/healthy', '/-/ready'];
const TLS = 'tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n';

const login = (name: string, password: string) => ({
  headers: { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` },
});

/** The cheapest hash, as htpasswd writes it. */
const HASH = hashSync(PASSWORD, 4).replace('$2b$', '$2y$');

interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly pair?: Pair;
}

/** Servers under web configuration files, with the certificates that these name. */
class GuardedServers implements Disposable {
  readonly pki = new Pki();
  /** A certificate that the servers' authority has signed. */
  readonly client: Pair;

  constructor() {
    this.pki.server();
    this.client = this.pki.client('client', 'DNS:prometheus,URI:spiffe://cluster/prometheus');
  }

  /** A server whose web configuration file can be replaced while it runs; its metrics wait for `held`. */
  async start(text: string, held = () => Promise.resolve()) {
    const clock = new ManualClock(NOW);
    const deps = serverDeps([buildState('env_1')], { clock });
    const render = async (format: Format) => {
      await held();
      return await deps.metrics.render(format);
    };
    const metrics = { ...deps.metrics, negotiate: () => 'prometheus' as const, render };
    let web = await this.#security(text);
    const server = await startServer({ ...deps, metrics, settings: () => ({ ...deps.settings(), web }) });
    const replace = async (other: string) => {
      web = await this.#security(other);
      server.applyTlsSettings();
    };
    return { ...server, clock, replace };
  }

  /** One connection, for one request after the other. */
  connection({ cert, key }: Partial<Pair>): Agent {
    return new Agent({ connections: 1, connect: { ca: this.pki.ca.cert, ...(cert && key && { cert, key }) } });
  }

  async ask(url: string, { headers = {}, pair }: AskOptions = {}) {
    const dispatcher = this.connection(pair ?? {});
    try {
      const { statusCode, headers: answered, body } = await request(url, { headers, dispatcher });
      return { status: statusCode, headers: answered, text: await body.text() };
    } finally {
      await dispatcher.destroy();
    }
  }

  [Symbol.dispose]() {
    this.pki[Symbol.dispose]();
  }

  async #security(text: string): Promise<WebSecurity> {
    const { security, problems } = await loadWebConfig(this.pki.write('web.yml', text), {
      files: nodeFiles,
      read: new Set(),
    });
    expect(problems).toEqual([]);
    return security;
  }
}

let servers: GuardedServers;
beforeAll(() => {
  servers = new GuardedServers();
});
afterAll(() => servers[Symbol.dispose]());

describe('a login', () => {
  it.each([
    ['none', {}, 401],
    ['right', 'prometheus', 200],
    [
      'a wrong password',
      { headers: { authorization: `Basic ${Buffer.from('prometheus:no').toString('base64')}` } },
      401,
    ],
    ['an unknown user', login('nobody', PASSWORD), 401],
    ['another scheme', { headers: { authorization: 'Bearer abc' } }, 401],
    ['no colon', { headers: { authorization: `Basic ${Buffer.from('prometheus').toString('base64')}` } }, 401],
    ['a name of an object', login('__proto__', 'x'), 401],
  ] as const)('%s', async (_name, given, status) => {
    await using server = await servers.start(`basic_auth_users:\n  prometheus: ${HASH}\n`);
    const options = given === 'prometheus' ? login('prometheus', PASSWORD) : given;
    for (const path of PROTECTED) {
      const answer = await servers.ask(`${server.url}${path}`, options);
      expect(answer.status).toBe(path === '/nothing' && status === 200 ? 404 : status);
      if (status === 401) {
        expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
        expect(answer.text).not.toMatch(/env_1|a_metric/);
      }
    }
    for (const path of OPEN) expect((await servers.ask(`${server.url}${path}`)).status).toBe(200);
  });

  it('reload and drill need it, too', async () => {
    await using server = await servers.start(`basic_auth_users:\n  prometheus: ${HASH}\n`);
    for (const [method, path] of [
      ['POST', '/-/reload'],
      ['POST', '/-/drill'],
      ['DELETE', '/-/drill'],
    ] as const) {
      expect((await request(`${server.url}${path}`, { method })).statusCode).toBe(401);
    }
    const headers = login('prometheus', PASSWORD).headers;
    expect((await request(`${server.url}/-/reload`, { method: 'POST', headers })).statusCode).toBe(200);
  });

  it('follows a reload at once, whatever verdict is remembered', async () => {
    await using server = await servers.start(`basic_auth_users:\n  prometheus: ${HASH}\n`);
    expect((await servers.ask(`${server.url}/metrics`, login('prometheus', PASSWORD))).status).toBe(200);
    await server.replace(
      'basic_auth_users:\n  prometheus: $2y$04$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu\n',
    );
    expect((await servers.ask(`${server.url}/metrics`, login('prometheus', PASSWORD))).status).toBe(401);
    await server.replace('basic_auth_users: {}\n');
    expect((await servers.ask(`${server.url}/metrics`)).status).toBe(200);
  });

  it('no answer shows the password or the hash', async () => {
    await using server = await servers.start(`basic_auth_users:\n  prometheus: ${HASH}\n`);
    for (const name of ['prometheus', 'other']) {
      for (const path of [...PROTECTED, ...OPEN]) {
        const { text, headers } = await servers.ask(`${server.url}${path}`, login(name, PASSWORD));
        const all = `${text}${JSON.stringify(headers)}`;
        expect(all).not.toContain(PASSWORD);
        expect(all).not.toContain(Buffer.from(PASSWORD).toString('base64').slice(0, 20));
        expect(all).not.toContain(HASH);
      }
    }
  });
});

it('headers of the file are on every answer; an empty one takes ours away', async () => {
  const lines = [
    'X-Frame-Options: sameorigin',
    'Strict-Transport-Security: max-age=1',
    'X-XSS-Protection: 1',
    "Content-Security-Policy: ''",
  ];
  await using server = await servers.start(`http_server_config:\n  headers:\n    ${lines.join('\n    ')}\n`);
  for (const path of [...PROTECTED, ...OPEN]) {
    const { headers } = await servers.ask(`${server.url}${path}`);
    expect(headers).toMatchObject({
      'x-frame-options': 'sameorigin',
      'strict-transport-security': 'max-age=1',
      'x-xss-protection': '1',
    });
    expect(headers['content-security-policy']).toBeUndefined();
  }
});

it('the rate limit holds for all routes together but health, and refills', async () => {
  await using server = await servers.start('rate_limit:\n  interval: 10s\n  burst: 2\n');
  const statuses = async () => {
    const all = [];
    for (const path of ['/metrics', '/', '/nothing']) all.push((await servers.ask(`${server.url}${path}`)).status);
    return all;
  };
  expect(await statuses()).toEqual([200, 200, 429]);
  const limited = await servers.ask(`${server.url}/metrics`);
  expect(limited.headers['retry-after']).toBe('10');
  for (const path of OPEN) expect((await servers.ask(`${server.url}${path}`)).status).toBe(200);
  await server.clock.advance(10_000);
  expect(await statuses()).toEqual([200, 429, 429]);
  await server.clock.advance(3_600_000);
  expect(await statuses()).toEqual([200, 200, 429]);
});

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

const mutual = `${TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  client_allowed_sans: [prometheus]\n`;

it('Prometheus scrapes over TLS with certificate and login, and says why where it cannot', async () => {
  await using server = await servers.start(`${mutual}basic_auth_users:\n  prometheus: ${HASH}\n`);
  const tls = {
    ca_file: servers.pki.ca.certPath,
    cert_file: servers.client.certPath,
    key_file: servers.client.keyPath,
  };
  const job = (name: string, rest: object) => ({
    job_name: name,
    scheme: 'https',
    static_configs: [{ targets: [`127.0.0.1:${server.port}`] }],
    ...rest,
  });
  const basic = (password: string) => ({ basic_auth: { username: 'prometheus', password } });
  await using prometheus = await LivePrometheus.start({
    scrapeConfigs: [
      job('right', { tls_config: tls, ...basic(PASSWORD) }),
      job('wrong-password', { tls_config: tls, ...basic('wrong') }),
      job('no-certificate', { tls_config: { ca_file: servers.pki.ca.certPath }, ...basic(PASSWORD) }),
      job('unknown-authority', basic(PASSWORD)),
    ],
  });
  await waitForExpected(async () =>
    expect(await prometheus.byLabel('job', 'up')).toEqual({
      right: 1,
      'wrong-password': 0,
      'no-certificate': 0,
      'unknown-authority': 0,
    }),
  );
  const errors = (await prometheus.targets()).map(({ lastError }) => lastError).join('\n');
  expect(errors).toMatch(/401/);
  expect(errors).toMatch(/403/);
  expect(errors).toMatch(/x509/);
  expect(await prometheus.query('a_metric{job="right"}')).toHaveLength(1);
});
