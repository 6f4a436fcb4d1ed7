import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/base/files.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { loadWebConfig } from '../../src/config/web.ts';
import { Pki } from '../support/pki.ts';

/** Of bcrypt; nobody logs in with it here. */
const HASH = '$2y$10$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu';
const TLS = 'tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n';
const VERIFIED = `${TLS}  client_auth_type: RequireAndVerifyClientCert\n`;

let pki: Pki;
beforeAll(() => {
  pki = new Pki();
  pki.server('server');
  pki.server('other');
  pki.write('empty', '');
});
afterAll(() => pki[Symbol.dispose]());

/** What comes of a file: its settings, or its problems as a user reads them, without the folder. */
async function load(text: string | Buffer, deps: { readonly loadBcrypt?: () => Promise<unknown> } = {}) {
  const read = new Set<string>();
  const result = await loadWebConfig(pki.write('web.yml', text), { files: nodeFiles, read, ...deps });
  const local = (shown: string) => shown.replaceAll(`${pki.folder}/`, '');
  const problems = result.problems.map((problem) => local(formatProblem(problem)));
  return { security: result.security, problems, read: [...read].map(local) };
}

describe('what the toolkit documents, and its own tests take', () => {
  it.each([
    TLS,
    `${VERIFIED}  client_ca_file: "ca.crt"\n`,
    // The old word for it.
    `${TLS}  client_auth_type: RequireClientCert\n`,
    `${TLS}  client_auth_type: "VerifyClientCertIfGiven"\n`,
    `${VERIFIED}  client_ca_file: ca.crt\n  client_allowed_sans:\n    - "one"\n    - "test3"\n`,
    `${TLS}  curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]\n`,
    `${TLS}  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]\n  min_version: TLS12\n  max_version: TLS12\n`,
    `${TLS}  prefer_server_cipher_suites: false\n  min_version: TLS10\n  max_version: TLS12\n`,
    'http_server_config: {headers: {X-Frame-Options: deny, X-Content-Type-Options: nosniff, X-XSS-Protection: 1}}',
    `http_server_config: {headers: {Content-Security-Policy: "default-src 'self' *.test.example.net"}}`,
    'http_server_config: {headers: {Strict-Transport-Security: max-age=31536000; includeSubDomains}}',
    `basic_auth_users:\n  alice: ${HASH}\n  dave: $2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq\n`,
    'rate_limit:\n  interval: "1s"\n  burst: 20\n',
    '',
    '# nothing\n---\n',
    'tls_server_config:\nhttp_server_config:\nbasic_auth_users:\nrate_limit:\n',
    // A word of YAML 1.1.
    'http_server_config:\n  http2: off\n',
    `\ufeff${TLS}`,
  ])('%j', async (text) => expect((await load(text)).problems).toEqual([]));

  it('certificates and keys in the file itself', async () => {
    const block = (pem: string) => pem.trim().replaceAll(/^/gm, '    ');
    const server = pki.server('inline');
    const { security, problems } = await load(
      `tls_server_config:\n  cert: |\n${block(server.cert)}\n  key: |\n${block(server.key)}\n  client_ca: |\n${block(pki.ca.cert)}\n  client_auth_type: VerifyClientCertIfGiven\n`,
    );
    expect(problems).toEqual([]);
    expect(security.tls?.key.reveal().trim()).toBe(server.key.trim());
    expect(JSON.stringify(security)).not.toContain('PRIVATE KEY');
  });

  it('other letters beside a certificate', async () => {
    const pem = pki.server('server').cert;
    writeFileSync(`${pki.folder}/latin.crt`, `subject=Andr\xe9\n${pem}`, 'latin1');
    expect((await load(TLS.replace('server.crt', 'latin.crt'))).problems).toEqual([]);
  });
});

it('what it says is carried over, with the defaults of the toolkit, and every file that it names is watched', async () => {
  const { security, read } = await load(
    `${TLS}  cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\n  curve_preferences: [CurveP384, X25519]\nbasic_auth_users: {alice: ${HASH}}\nrate_limit: {interval: 1m500ms, burst: 3}\nhttp_server_config: {headers: {X-XSS-Protection: 1, Content-Security-Policy: ""}}\n`,
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
  expect(read).toEqual(['web.yml', 'server.crt', 'server.key']);
});

describe('a bad file is rejected with file, line, option and what to do', () => {
  const tls = (cert: string, key: string) => `tls_server_config:\n  cert_file: ${cert}\n  key_file: ${key}\n`;
  it.each([
    [`${TLS}  cert_filse: x\n`, '4:3', 'tls_server_config.cert_filse', 'did you mean cert_file?'],
    ['tls: {}\n', '1:1', 'tls', 'known here: tls_server_config'],
    ['basic_auth_users:\n  john: doe\n', '2:9', 'basic_auth_users.john', 'a bcrypt hash'],
    [`basic_auth_users:\n  john: ${HASH.replace('10', '03')}\n`, '2:9', 'basic_auth_users.john', 'a bcrypt hash'],
    [`basic_auth_users:\n  john: ${HASH.replace('10', '31')}\n`, '2:9', 'basic_auth_users.john', 'a bcrypt hash'],
    [`basic_auth_users:\n  "jo:hn": ${HASH}\n`, '2:3', 'basic_auth_users.jo:hn', 'no colon'],
    ['basic_auth_users: [john]\n', '1:19', 'basic_auth_users', 'a map of user to bcrypt hash'],
    [
      'http_server_config: {headers: {Content-Type: foo}}',
      '1:32',
      'http_server_config.headers.Content-Type',
      'unknown',
    ],
    ['http_server_config: {headers: {X-Frame-Options: foo}}', '1:49', 'X-Frame-Options', 'one of deny, sameorigin'],
    ['http_server_config: {headers: {X-XSS-Protection: "a\\r\\nb"}}', '1:50', 'X-XSS-Protection', 'one line'],
    ['http_server_config: {http2: maybe}', '1:29', 'http_server_config.http2', 'true or false'],
    [tls('""', 'server.key'), '2:14', 'tls_server_config.cert_file', 'is missing'],
    ['tls_server_config: {client_auth_type: RequireAnyClientCert}', '1:1', 'tls_server_config.cert_file', 'is missing'],
    [tls('none', 'server.key'), '2:14', 'tls_server_config.cert_file', 'file none does not exist'],
    [tls('server.crt', 'none'), '3:13', 'tls_server_config.key_file', 'file none does not exist'],
    [tls('server.crt', 'other.key'), '3:13', 'tls_server_config.key_file', 'is not the key of the certificate'],
    [tls('server.key', 'server.key'), '2:14', 'tls_server_config.cert_file', 'no PEM certificate'],
    [tls('server.crt', 'server.crt'), '3:13', 'tls_server_config.key_file', 'no unencrypted PEM private key'],
    [tls('empty', 'server.key'), '2:14', 'tls_server_config.cert_file', 'no PEM certificate'],
    [tls('server.crt', 'empty'), '3:13', 'tls_server_config.key_file', 'no unencrypted PEM private key'],
    [`${TLS}  cert: x\n`, '2:14', 'tls_server_config.cert_file', 'both set'],
    [`${TLS}  client_ca_file: ca.crt\n`, '4:19', 'tls_server_config.client_ca_file', 'no client is asked'],
    [`${TLS}  client_allowed_sans: [a]\n`, '4:24', 'tls_server_config.client_allowed_sans', 'no client is asked'],
    [`${VERIFIED}  client_ca_file: server.key\n`, '5:19', 'tls_server_config.client_ca_file', 'no PEM certificate'],
    [`${TLS}  client_auth_type: x\n`, '4:21', 'tls_server_config.client_auth_type', 'one of RequireClientCert'],
    [`${TLS}  min_version: TLS111\n`, '4:16', 'tls_server_config.min_version', 'one of TLS10, TLS11, TLS12, TLS13'],
    [`${TLS}  max_version: TLS11\n`, '4:16', 'tls_server_config.max_version', 'above max_version TLS11'],
    [`${TLS}  cipher_suites: [TLS_NONE]\n`, '4:19', 'tls_server_config.cipher_suites[0]', 'one of'],
    ['rate_limit: {interval: soon}', '1:24', 'rate_limit.interval', 'a duration'],
    [`${TLS}${TLS}`, '4:1', 'tls_server_config', 'is listed twice'],
  ])('%j', async (text, place, option, words) => {
    const { problems } = await load(text);
    const found = problems.find((problem) => problem.includes(words)) ?? problems.join();
    expect(found).toMatch(new RegExp(`^web\\.yml:${place}: .*; \\S`));
    expect(found).toContain(option);
  });

  it.each([
    ['tls_server_config:\n  key_file: KEY\n', 'web.yml:2:13: tls_server_config.key_file: '],
    ['tls_server_config:\n  cert_file: server.crt\n  key_file: |\n    PEM\n', 'tls_server_config.key_file: '],
    ['tls_server_config:\n  cert: |\n    PEM\n', 'web.yml:2:9: tls_server_config.cert: '],
    ['tls_server_config:\n  client_allowed_sans: [a, KEY]\n', 'tls_server_config.client_allowed_sans[1]: '],
    ['tls_server_config:\n  client_auth_type: KEY\n', 'tls_server_config.client_auth_type: '],
    ['http_server_config:\n  headers:\n    Content-Security-Policy: KEY\n', 'Content-Security-Policy: '],
    ['KEY: 1\n', 'unknown option'],
    ['basic_auth_users:\n  KEY: x\n', 'basic_auth_users'],
    [`basic_auth_users:\n  KEY: ${HASH}\n`, 'and is no key'],
    ['basic_auth_users:\n  john: KEY\n', 'web.yml:2:9: basic_auth_users.john: '],
    ['KEY\n', 'not a map of options'],
  ])('a key in the wrong place is refused and not shown: %j', async (text, expected) => {
    const pem = pki.server('inline').key;
    const written = text.replace('KEY', 'sk-ant-oat01-canary-7f3kQ9zL2m');
    const { problems } = await load(written.replace('PEM', pem.trim().replaceAll('\n', '\n    ')));
    expect(problems.join('\n')).toContain(expected);
    expect(problems.join('\n')).not.toMatch(/canary|PRIVATE KEY/);
    expect(problems.join('\n')).not.toContain(pem.split('\n')[1]);
  });

  it('a file in another encoding, or that is not there', async () => {
    expect((await load(Buffer.from(TLS, 'utf16le'))).problems).toEqual([expect.stringMatching(/^web\.yml: .*NUL.*; /)]);
    const path = `${pki.folder}/missing.yml`;
    const { problems } = await loadWebConfig(path, { files: nodeFiles, read: new Set() });
    expect(problems.map(formatProblem)).toEqual([expect.stringContaining(`${path}: file ${path} does not exist; `)]);
  });

  it('users on a machine where bcrypt cannot be loaded, which is not looked for without them', async () => {
    const loadBcrypt = async () => {
      throw new Error("Cannot find module 'bcrypt'\nRequire stack:\n- /app/dist/serve.cjs");
    };
    const { problems } = await load(`${TLS}basic_auth_users:\n  alice: ${HASH}\n`, { loadBcrypt });
    expect(problems).toEqual([
      expect.stringMatching(/^web\.yml:4:1: basic_auth_users: .*Cannot find module 'bcrypt';/),
    ]);
    expect((await load(`${TLS}basic_auth_users:\n`, { loadBcrypt })).problems).toEqual([]);
  });
});
