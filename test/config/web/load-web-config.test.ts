import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseGoDuration } from '../../../src/config/web.ts';
import { NO_WEB_SECURITY } from '../../../src/domain/server-settings.ts';
import { HASH, TLS, WebConfigRig } from '../web-config-rig.ts';

let rig: WebConfigRig;
beforeAll(() => {
  rig = new WebConfigRig();
});
afterAll(() => rig[Symbol.dispose]());

describe('what the toolkit documents, and its own tests take', () => {
  it.each([
    ['the minimal example', TLS],
    ['required and verified', `${TLS}  client_auth_type: "RequireAndVerifyClientCert"\n  client_ca_file: "ca.crt"\n`],
    ['any client certificate', `${TLS}  client_auth_type: "RequireAnyClientCert"\n`],
    ['the old word for it', `${TLS}  client_auth_type: RequireClientCert\n`],
    ['verified by the system', `${TLS}  client_auth_type: "RequireAndVerifyClientCert"\n`],
    ['verified if given', `${TLS}  client_auth_type: "VerifyClientCertIfGiven"\n`],
    ['asked for', `${TLS}  client_auth_type: RequestClientCert\n`],
    [
      'allowed names',
      `${TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  client_allowed_sans:\n    - "one"\n    - "test3"\n`,
    ],
    ['all curves', `${TLS}  curve_preferences:\n    - CurveP256\n    - CurveP384\n    - CurveP521\n    - X25519\n`],
    ['some curves', `${TLS}  min_version: TLS13\n  curve_preferences:\n  - CurveP521\n`],
    [
      'some ciphers',
      `${TLS}  cipher_suites:\n  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n  - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n  min_version: TLS12\n  max_version: TLS12\n`,
    ],
    ['no order of ciphers', `${TLS}  prefer_server_cipher_suites: false\n`],
    [
      'no HTTP/2',
      `${TLS}  cipher_suites:\n    - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n  max_version: TLS12\nhttp_server_config:\n  http2: false\n`,
    ],
    [
      'headers',
      `http_server_config:\n  headers:\n    X-Frame-Options: deny\n    Strict-Transport-Security: max-age=31536000; includeSubDomains\n    X-Content-Type-Options: nosniff\n    X-XSS-Protection: 1\n    Content-Security-Policy: "default-src 'self' *.test.example.net"\n`,
    ],
    [
      'users',
      `basic_auth_users:\n  alice: ${HASH}\n  dave: $2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq\n`,
    ],
    ['a rate limit', 'rate_limit:\n  interval: "1s"\n  burst: 20\n'],
    ['a rate limit of nothing', 'rate_limit:\n  interval: 0\n  burst: 0\n'],
    ['an empty file', ''],
    ['a file of comments', '# nothing\n---\n'],
    ['empty sections', 'tls_server_config:\nhttp_server_config:\nbasic_auth_users:\nrate_limit:\n'],
    ['words of YAML 1.1', 'http_server_config:\n  http2: off\n'],
    ['an oldest version', `${TLS}  min_version: TLS10\n  max_version: TLS12\n`],
  ])('%s', async (_name, text) => {
    expect((await rig.load(text)).problems).toEqual([]);
  });

  it('certificates and keys in the file itself', async () => {
    const { ca } = rig.pki;
    const block = (pem: string) =>
      pem
        .trim()
        .split('\n')
        .map((line) => `    ${line}`)
        .join('\n');
    const server = rig.pki.server('inline');
    const { security, problems } = await rig.load(
      `tls_server_config:\n  cert: |\n${block(server.cert)}\n  key: |\n${block(server.key)}\n  client_ca: |\n${block(ca.cert)}\n  client_auth_type: VerifyClientCertIfGiven\n`,
    );
    expect(problems).toEqual([]);
    expect(security.tls?.key.reveal().trim()).toBe(server.key.trim());
    expect(JSON.stringify(security)).not.toContain('PRIVATE KEY');
  });
});

describe('what it says', () => {
  it('is carried over, with the defaults of the toolkit', async () => {
    const { security } = await rig.load(
      `${TLS}  cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\n  curve_preferences: [CurveP384, X25519]\nbasic_auth_users: {alice: ${HASH}}\nrate_limit: {interval: 1m0.5s, burst: 3}\nhttp_server_config: {headers: {X-XSS-Protection: 1, Content-Security-Policy: ""}}\n`,
    );
    expect(security).toMatchObject({
      tls: {
        clientAuth: 'NoClientCert',
        clientAllowedSans: null,
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.3',
        ciphers: ['ECDHE-RSA-AES128-GCM-SHA256'],
        curves: ['secp384r1', 'X25519'],
        preferServerCiphers: true,
      },
      rateLimit: { intervalMs: 60_500, burst: 3 },
      headers: { 'X-XSS-Protection': '1', 'Content-Security-Policy': '' },
    });
    expect(security.users.map(({ name, hash }) => [name, hash.reveal()])).toEqual([['alice', HASH]]);
  });

  it('an empty file is no security', async () => {
    expect((await rig.load('')).security).toEqual(NO_WEB_SECURITY);
  });

  it('every file that it names is watched, in its own folder', async () => {
    const { read } = await rig.load(`${TLS}  client_ca_file: ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n`);
    expect(read.map((path) => path.replace(`${rig.pki.folder}/`, ''))).toEqual([
      'web.yml',
      'server.crt',
      'server.key',
      'ca.crt',
    ]);
  });

  it('HTTP/2 with TLS is accepted, and said to be unsupported', async () => {
    expect((await rig.load(TLS)).notices).toEqual([
      'web.yml:1:1: http_server_config.http2: HTTP/2 is not supported and stays off; clients use HTTP/1.1',
    ]);
    expect((await rig.load(`${TLS}http_server_config:\n  http2: true\n`)).notices).toHaveLength(1);
    expect((await rig.load(`${TLS}http_server_config:\n  http2: false\n`)).notices).toEqual([]);
    expect((await rig.load('http_server_config:\n  http2: true\n')).notices).toEqual([]);
  });

  it('allowed names that nobody is asked for are told', async () => {
    expect((await rig.load(`${TLS}  client_allowed_sans: [one]\nhttp_server_config: {http2: no}\n`)).notices).toEqual([
      expect.stringMatching(/^web\.yml:4:24: tls_server_config\.client_allowed_sans: has no effect/),
    ]);
  });
});

it.each([
  ['1s', 1000],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['100ms', 100],
  ['1us', 0.001],
  ['0', 0],
  [0, 0],
  [1_000_000_000, 1000],
  ['1', null],
  ['1d', null],
  ['-1s', null],
  [-1, null],
  ['', null],
  ['s', null],
  [`${'9'.repeat(400)}s`, null],
] as const)('%j as a duration of Go is %s ms', (written, expected) => {
  expect(parseGoDuration(written)).toBe(expected);
});
