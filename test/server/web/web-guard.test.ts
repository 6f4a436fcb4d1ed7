import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';
import { promisify } from 'node:util';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../../src/base/files/node-files.ts';
import { loadWebConfig } from '../../../src/config/load-web-config.ts';
import type { WebSecurity } from '../../../src/domain/web-security.ts';
import { hostileClients } from '../../support/hostile-client.ts';
import { serverDeps, startServer } from '../../support/http-server.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { type Pair, Pki } from '../../support/pki.ts';
import { LivePrometheus } from '../../support/prometheus.ts';
import { buildState, NOW } from '../../support/states.ts';

const PASSWORD = 'secret-canary-password';

const run = promisify(execFile);
const PROTECTED = ['/', '/metrics', '/api/v1/environments', '/api/v1/environments/env_1', '/nothing'];
const OPEN = ['/-/healthy', '/-/ready'];
const TLS = 'tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n';

let pki: Pki;
let client: Pair;
let hash: string;
beforeAll(async () => {
  pki = new Pki();
  pki.server();
  client = pki.client('client', 'DNS:prometheus,URI:spiffe://cluster/prometheus');
  const { hashSync } = await import('bcrypt');
  hash = hashSync(PASSWORD, 4).replace('$2b$', '$2y$');
});
afterAll(() => pki[Symbol.dispose]());

async function security(text: string): Promise<WebSecurity> {
  const { security: web, problems } = await loadWebConfig(pki.write('web.yml', text), {
    files: nodeFiles,
    read: new Set(),
  });
  expect(problems).toEqual([]);
  return web;
}

/** A server under a web configuration file, whose settings can be replaced while it runs. */
async function guarded(text: string) {
  const clock = new ManualClock(NOW);
  const deps = serverDeps([buildState('env_1')], { clock });
  const metrics = { ...deps.metrics, negotiate: () => 'text' as const };
  const config = { ...deps.config, web: await security(text) };
  const server = await startServer({ ...deps, metrics, config });
  const replace = async (other: string) => {
    Object.assign(config, { web: await security(other) });
    server.follow();
  };
  return { ...server, clock, replace };
}

interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly pair?: Pair;
}

async function ask(url: string, { headers = {}, pair }: AskOptions = {}) {
  const identity = pair === undefined ? {} : { cert: pair.cert, key: pair.key };
  const dispatcher = new Agent({ connect: { ca: pki.ca.cert, ...identity } });
  try {
    const { statusCode, headers: answered, body } = await request(url, { headers, dispatcher });
    return { status: statusCode, headers: answered, text: await body.text() };
  } finally {
    await dispatcher.destroy();
  }
}

const login = (name: string, password: string) => ({
  headers: { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` },
});

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
    ['no user', login('', ''), 401],
    ['another scheme', { headers: { authorization: 'Bearer abc' } }, 401],
    ['not base64', { headers: { authorization: 'Basic ???' } }, 401],
    ['no colon', { headers: { authorization: `Basic ${Buffer.from('prometheus').toString('base64')}` } }, 401],
    ['a name of an object', login('__proto__', 'x'), 401],
  ] as const)('%s', async (_name, given, status) => {
    await using server = await guarded(`basic_auth_users:\n  prometheus: ${hash}\n`);
    const options = given === 'prometheus' ? login('prometheus', PASSWORD) : given;
    for (const path of PROTECTED) {
      const answer = await ask(`${server.url}${path}`, options);
      expect(answer.status).toBe(path === '/nothing' && status === 200 ? 404 : status);
      if (status === 401) {
        expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
        expect(answer.text).not.toMatch(/env_1|a_metric/);
      }
    }
    for (const path of OPEN) expect((await ask(`${server.url}${path}`)).status).toBe(200);
  });

  it('reload and drill need it, too', async () => {
    await using server = await guarded(`basic_auth_users:\n  prometheus: ${hash}\n`);
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
    await using server = await guarded(`basic_auth_users:\n  prometheus: ${hash}\n`);
    expect((await ask(`${server.url}/metrics`, login('prometheus', PASSWORD))).status).toBe(200);
    await server.replace(
      'basic_auth_users:\n  prometheus: $2y$04$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu\n',
    );
    expect((await ask(`${server.url}/metrics`, login('prometheus', PASSWORD))).status).toBe(401);
    await server.replace('basic_auth_users: {}\n');
    expect((await ask(`${server.url}/metrics`)).status).toBe(200);
  });

  it('no answer shows the password or the hash', async () => {
    await using server = await guarded(`basic_auth_users:\n  prometheus: ${hash}\n`);
    for (const name of ['prometheus', 'other']) {
      for (const path of [...PROTECTED, ...OPEN]) {
        const { text, headers } = await ask(`${server.url}${path}`, login(name, PASSWORD));
        const all = `${text}${JSON.stringify(headers)}`;
        expect(all).not.toContain(PASSWORD);
        expect(all).not.toContain(Buffer.from(PASSWORD).toString('base64').slice(0, 20));
        expect(all).not.toContain(hash);
      }
    }
  });
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
      'a part of a name',
      `${verified}RequireAndVerifyClientCert\n  client_allowed_sans: [prom, prometheus.example]\n`,
      { none: 403, ours: 403, strange: 403 },
    ],
    [
      'names where none is required',
      `${verified}VerifyClientCertIfGiven\n  client_allowed_sans: [prometheus]\n`,
      { none: 403, ours: 200, strange: 403 },
    ],
  ] as const)('%s', async (_name, text, expected) => {
    await using server = await guarded(text);
    for (const path of PROTECTED) {
      const status = (of: number) => (of === 200 && path === '/nothing' ? 404 : of);
      expect((await ask(`${server.url}${path}`)).status).toBe(status(expected.none));
      expect((await ask(`${server.url}${path}`, { pair: client })).status).toBe(status(expected.ours));
      expect((await ask(`${server.url}${path}`, { pair: stranger })).status).toBe(status(expected.strange));
    }
    for (const path of OPEN) expect((await ask(`${server.url}${path}`)).status).toBe(200);
  });

  it('follows a reload: a certificate that was good and is not any more', async () => {
    await using server = await guarded(`${verified}RequireAndVerifyClientCert\n`);
    expect((await ask(`${server.url}/metrics`, { pair: client })).status).toBe(200);
    pki.write('strangers.crt', strangers.ca.cert);
    await server.replace(`${TLS}  client_ca_file: strangers.crt\n  client_auth_type: RequireAndVerifyClientCert\n`);
    expect((await ask(`${server.url}/metrics`, { pair: client })).status).toBe(403);
    expect((await ask(`${server.url}/metrics`, { pair: stranger })).status).toBe(200);
    await server.replace(TLS);
    expect((await ask(`${server.url}/metrics`)).status).toBe(200);
  });
});

describe('TLS', () => {
  /** What a handshake settles on, or its error. */
  async function handshake(port: number, options: ConnectionOptions) {
    const socket = tlsConnect({ port, host: '127.0.0.1', servername: 'localhost', ca: pki.ca.cert, ...options });
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
      '1.1 is refused',
      '',
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
      /PROTOCOL_VERSION|UNSUPPORTED/,
    ],
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
      'or that of the client',
      '  prefer_server_cipher_suites: false\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n',
      { ...OLD, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384' },
      'TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
    ],
    [
      'a suite that is not listed',
      '  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n',
      { ...OLD, ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
      /HANDSHAKE_FAILURE/,
    ],
    ['1.3 beside a list of suites', '  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n', {}, 'TLSv1.3 '],
    ['a curve that is listed', '  curve_preferences: [CurveP384]\n', { ecdhCurve: 'secp384r1' }, 'TLSv1.3 '],
    ['a curve that is not', '  curve_preferences: [CurveP384]\n', { ecdhCurve: 'X25519' }, /HANDSHAKE_FAILURE/],
  ] as const)('%s', async (_name, lines, options, expected) => {
    await using server = await guarded(`${TLS}${lines}`);
    const settled = await handshake(server.port, options as ConnectionOptions);
    if (typeof expected === 'string') expect(settled.startsWith(expected)).toBe(true);
    else expect(settled).toMatch(expected);
  });

  it('a new certificate is shown to whoever connects after a reload', async () => {
    await using server = await guarded(TLS);
    expect(await handshake(server.port, {})).toMatch(/ server$/);
    pki.server('renewed');
    await server.replace('tls_server_config:\n  cert_file: renewed.crt\n  key_file: renewed.key\n');
    expect(await handshake(server.port, {})).toMatch(/ renewed$/);
  });

  it('500 sockets that never begin a handshake, or stop in the middle of one: health answers', async () => {
    await using server = await guarded(TLS);
    using _ = await hostileClients(server.port, { count: 250, bytes: '' });
    using __ = await hostileClients(server.port, { count: 250, bytes: '\x16\x03\x01\x02\x00\x01\x00\x01' });
    expect((await ask(`${server.url}/-/healthy`)).status).toBe(200);
    expect((await ask(`${server.url}/metrics`)).status).toBe(200);
  });

  it('plain HTTP reads nothing', async () => {
    await using server = await guarded(TLS);
    await expect(request(`http://127.0.0.1:${server.port}/metrics`)).rejects.toThrow();
    expect((await ask(`${server.url}/-/healthy`)).status).toBe(200);
  });
});

it('headers of the file are on every answer; an empty one takes ours away', async () => {
  const lines = [
    'X-Frame-Options: sameorigin',
    'Strict-Transport-Security: max-age=1',
    'X-XSS-Protection: 1',
    "Content-Security-Policy: ''",
  ];
  await using server = await guarded(`http_server_config:\n  headers:\n    ${lines.join('\n    ')}\n`);
  for (const path of [...PROTECTED, ...OPEN]) {
    const { headers } = await ask(`${server.url}${path}`);
    expect(headers).toMatchObject({
      'x-frame-options': 'sameorigin',
      'strict-transport-security': 'max-age=1',
      'x-xss-protection': '1',
    });
    expect(headers['content-security-policy']).toBeUndefined();
  }
});

it('the rate limit holds for all routes together but health, and refills', async () => {
  await using server = await guarded('rate_limit:\n  interval: 10s\n  burst: 2\n');
  const statuses = async () => {
    const all = [];
    for (const path of ['/metrics', '/', '/nothing']) all.push((await ask(`${server.url}${path}`)).status);
    return all;
  };
  expect(await statuses()).toEqual([200, 200, 429]);
  const refused = await ask(`${server.url}/metrics`);
  expect(refused.headers['retry-after']).toBe('10');
  for (const path of OPEN) expect((await ask(`${server.url}${path}`)).status).toBe(200);
  await server.clock.advance(10_000);
  expect(await statuses()).toEqual([200, 429, 429]);
  await server.clock.advance(3_600_000);
  expect(await statuses()).toEqual([200, 200, 429]);
});

it('a burst of 0 lets nobody in, as in other exporters', async () => {
  await using server = await guarded('rate_limit:\n  interval: 1s\n  burst: 0\n');
  expect((await ask(`${server.url}/metrics`)).status).toBe(429);
});

describe('the programs of others', () => {
  const mutual = `${TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  client_allowed_sans: [prometheus]\n`;

  it('curl reads with certificate and login, and not without', async () => {
    await using server = await guarded(`${mutual}basic_auth_users:\n  prometheus: ${hash}\n`);
    const url = `https://localhost:${server.port}`;
    const curl = async (...options: string[]) => {
      const common = ['-sS', '--resolve', `localhost:${server.port}:127.0.0.1`, '--cacert', pki.ca.certPath];
      const { stdout } = await run('curl', [...common, '-o', '/dev/null', '-w', '%{http_code}', ...options]);
      return stdout;
    };
    const certificate = ['--cert', client.certPath, '--key', client.keyPath];
    expect(await curl(...certificate, '-u', `prometheus:${PASSWORD}`, `${url}/metrics`)).toBe('200');
    expect(await curl(...certificate, '--http2', '-u', `prometheus:${PASSWORD}`, `${url}/metrics`)).toBe('200');
    expect(await curl(...certificate, '-u', 'prometheus:wrong', `${url}/metrics`)).toBe('401');
    expect(await curl(...certificate, `${url}/metrics`)).toBe('401');
    expect(await curl('-u', `prometheus:${PASSWORD}`, `${url}/metrics`)).toBe('403');
    expect(await curl(`${url}/-/healthy`)).toBe('200');
    expect(await curl(`${url}/-/ready`)).toBe('200');
  });

  it('Prometheus scrapes over TLS with certificate and login, and says why where it cannot', async () => {
    await using server = await guarded(`${mutual}basic_auth_users:\n  prometheus: ${hash}\n`);
    const tls = { ca_file: pki.ca.certPath, cert_file: client.certPath, key_file: client.keyPath };
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
        job('no-certificate', { tls_config: { ca_file: pki.ca.certPath }, ...basic(PASSWORD) }),
        job('unknown-authority', basic(PASSWORD)),
      ],
    });
    await expect
      .poll(() => prometheus.byLabel('job', 'up'), { timeout: 20_000 })
      .toEqual({ right: 1, 'wrong-password': 0, 'no-certificate': 0, 'unknown-authority': 0 });
    const errors = (await prometheus.targets()).map(({ lastError }) => lastError).join('\n');
    expect(errors).toMatch(/401/);
    expect(errors).toMatch(/403/);
    expect(errors).toMatch(/x509/);
    expect(await prometheus.query('a_metric{job="right"}')).toHaveLength(1);
  });
});
