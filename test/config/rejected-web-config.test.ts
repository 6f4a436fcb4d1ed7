import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/base/files.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { loadWebConfig } from '../../src/config/web.ts';
import { NO_WEB_SECURITY } from '../../src/domain/server-settings.ts';
import { HASH, TLS, WebConfigRig } from './web-config-rig.ts';

let rig: WebConfigRig;
beforeAll(() => {
  rig = new WebConfigRig();
});
afterAll(() => rig[Symbol.dispose]());

describe('a bad file is rejected with file, line and key', () => {
  it.each([
    [
      `${TLS}  cert_filse: x\n`,
      'web.yml:4:3: tls_server_config.cert_filse: unknown key "cert_filse"; did you mean cert_file?',
    ],
    ['tls: {}\n', 'web.yml:1:1: tls: unknown key "tls"; known here: tls_server_config'],
    ['cert: {}\n', 'web.yml:1:1: cert: unknown key "cert"; known here: tls_server_config,'],
    ['hWkNKCp3fvIx3jKnsaBI\nTuEjdwNS8A2vYdFbiKqr\n', 'web.yml:1:1: the file is not a map of options'],
    ['basic_auth_users:\n  john: doe\n', 'web.yml:2:9: basic_auth_users.john: must be a bcrypt hash'],
    [
      'basic_auth_users:\n  john: $2y$03$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu\n',
      'web.yml:2:9: basic_auth_users.john: must be a bcrypt hash',
    ],
    [
      'basic_auth_users:\n  john: $2y$31$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu\n',
      'web.yml:2:9: basic_auth_users.john: must be of a cost of 16 at most: with more, a login takes longer than a scrape waits',
    ],
    [
      `basic_auth_users:\n  "jo:hn": ${HASH}\n`,
      'basic_auth_users.jo:hn: must be a map of user to bcrypt hash, of users without a colon',
    ],
    ['basic_auth_users: [john]\n', 'web.yml:1:19: basic_auth_users: must be a map of user to bcrypt hash'],
    [
      'http_server_config:\n  headers:\n    X-Content-Type-Options: sniff\n',
      'web.yml:3:29: http_server_config.headers.X-Content-Type-Options: must be one of nosniff',
    ],
    [
      'http_server_config:\n  headers:\n    Content-Type: foo\n',
      'web.yml:3:5: http_server_config.headers.Content-Type: unknown key "Content-Type"',
    ],
    [
      'http_server_config:\n  headers:\n    X-Frame-Options: foo\n',
      'web.yml:3:22: http_server_config.headers.X-Frame-Options: must be one of deny, sameorigin',
    ],
    ['http_server_config:\n  headers:\n    Strict-Transport-Security: "a\\r\\nb: c"\n', 'must be one line'],
    ['http_server_config:\n  http2: maybe\n', 'web.yml:2:10: http_server_config.http2: must be true or false'],
    [
      'tls_server_config:\n  cert_file: ""\n  key_file: server.key\n',
      'web.yml:2:14: tls_server_config.cert_file: cert or cert_file is missing',
    ],
    [
      'tls_server_config:\n  cert: ""\n  key_file: server.key\n',
      'web.yml:2:9: tls_server_config.cert: cert or cert_file is missing',
    ],
    ['tls_server_config:\n  cert_file: server.crt\n', 'key or key_file is missing'],
    ['tls_server_config:\n  client_auth_type: RequireAnyClientCert\n', 'cert or cert_file is missing'],
    [
      'tls_server_config:\n  cert_file: somefile\n  key_file: server.key\n',
      'web.yml:2:14: tls_server_config.cert_file: file somefile does not exist',
    ],
    [
      'tls_server_config:\n  cert_file: server.crt\n  key_file: somefile\n',
      'web.yml:3:13: tls_server_config.key_file: file somefile does not exist',
    ],
    [
      'tls_server_config:\n  cert_file: server.crt\n  key_file: other.key\n',
      'web.yml:3:13: tls_server_config.key_file: is not the key of the certificate',
    ],
    [
      'tls_server_config:\n  cert_file: server.key\n  key_file: server.key\n',
      'web.yml:2:14: tls_server_config.cert_file: contains no PEM certificate',
    ],
    [
      'tls_server_config:\n  cert_file: server.crt\n  key_file: server.crt\n',
      'web.yml:3:13: tls_server_config.key_file: contains no unencrypted PEM private key',
    ],
    [
      'tls_server_config:\n  cert_file: empty\n  key_file: server.key\n',
      'web.yml:2:14: tls_server_config.cert_file: contains no PEM certificate',
    ],
    [
      'tls_server_config:\n  cert_file: server.crt\n  key_file: empty\n',
      'web.yml:3:13: tls_server_config.key_file: contains no unencrypted PEM private key',
    ],
    [`${TLS}  cert: x\n`, 'web.yml:2:14: tls_server_config.cert_file: cert and cert_file are both set'],
    [
      `${TLS}  client_ca_file: ca.crt\n`,
      'web.yml:4:19: tls_server_config.client_ca_file: there is a client CA, but no client is asked',
    ],
    [
      `${TLS}  client_ca_file: somefile\n`,
      'web.yml:4:19: tls_server_config.client_ca_file: file somefile does not exist',
    ],
    [
      `${TLS}  client_ca_file: server.key\n  client_auth_type: RequireAndVerifyClientCert\n`,
      'web.yml:4:19: tls_server_config.client_ca_file: contains no PEM certificate',
    ],
    [
      `${TLS}  client_auth_type: x\n`,
      'web.yml:4:21: tls_server_config.client_auth_type: must be one of RequireClientCert, NoClientCert,',
    ],
    [
      `${TLS}  min_version: TLS111\n`,
      'web.yml:4:16: tls_server_config.min_version: must be one of TLS10, TLS11, TLS12, TLS13',
    ],
    [
      `${TLS}  max_version: TLS11\n`,
      'web.yml:4:16: tls_server_config.max_version: min_version TLS12 is above max_version TLS11',
    ],
    [
      `${TLS}  cipher_suites:\n  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048\n`,
      'web.yml:5:5: tls_server_config.cipher_suites[0]: must be one of',
    ],
    [
      `${TLS}  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]\n`,
      'tls_server_config.cipher_suites: has no cipher suite that HTTP/2 needs',
    ],
    [
      `${TLS}  curve_preferences:\n    - CurveP257\n`,
      'web.yml:5:7: tls_server_config.curve_preferences[0]: must be one of',
    ],
    ['rate_limit:\n  interval: soon\n', 'web.yml:2:13: rate_limit.interval: must be a duration'],
    ['rate_limit:\n  interval: -1s\n', 'rate_limit.interval: must be a duration'],
    ['rate_limit:\n  burst: 1.5\n', 'web.yml:2:10: rate_limit.burst: must be a whole number'],
    ['a: [\n', 'web.yml:2:1: the file has'],
    [`${TLS}${TLS}`, 'web.yml:4:1: tls_server_config: is listed twice'],
  ])('%j', async (text, expected) => {
    const { problems, security } = await rig.load(text);
    expect(problems.join('\n')).toContain(expected);
    // Each says what to do about it.
    for (const problem of problems) expect(problem).toMatch(/; \S/);
    expect(security).toEqual(NO_WEB_SECURITY);
  });

  it.each([
    ['tls_server_config:\n  key_file: KEY\n', 'web.yml:2:13: tls_server_config.key_file: seems to contain a key'],
    ['tls_server_config:\n  cert_file: server.crt\n  key_file: |\n    PEM\n', 'tls_server_config.key_file: '],
    ['tls_server_config:\n  cert: |\n    PEM\n', 'web.yml:2:9: tls_server_config.cert: seems to contain a key'],
    [
      'tls_server_config:\n  client_allowed_sans: [a, KEY]\n',
      'tls_server_config.client_allowed_sans[1]: seems to contain a key',
    ],
    ['tls_server_config:\n  client_auth_type: KEY\n', 'tls_server_config.client_auth_type: seems to contain a key'],
    [
      'http_server_config:\n  headers:\n    Content-Security-Policy: KEY\n',
      'Content-Security-Policy: seems to contain a key',
    ],
    ['KEY: 1\n', 'has a name below it that looks like a key'],
    ['basic_auth_users:\n  KEY: x\n', 'basic_auth_users: has a name below it that looks like a key'],
    ['basic_auth_users:\n  john: KEY\n', 'web.yml:2:9: basic_auth_users.john: must be a bcrypt hash'],
    ['KEY\n', 'the file is not a map of options'],
  ])('a key in the wrong place is refused and not shown: %j', async (text, expected) => {
    const key = 'sk-ant-oat01-canary-7f3kQ9zL2m';
    const pem = rig.pki.server('inline').key;
    const written = text.replace('KEY', key).replace('PEM', pem.trim().replaceAll('\n', '\n    '));
    const { problems } = await rig.load(written);
    expect(problems.join('\n')).toContain(expected);
    expect(problems.join('\n')).not.toMatch(/canary|PRIVATE KEY/);
    expect(problems.join('\n')).not.toContain(pem.split('\n')[1]);
  });

  it.each([
    ['UTF-16', Buffer.from(`\ufeff${TLS}`, 'utf16le'), 'web.yml: the file is not written in UTF-8; save it as UTF-8'],
    [
      'UTF-16 without a mark',
      Buffer.from(TLS, 'utf16le'),
      'web.yml: the file has NUL bytes, or CR without LF; save it as text, with LF or CRLF line endings',
    ],
    [
      'Latin-1',
      Buffer.from(`# by Andr\xe9\n${TLS}`, 'latin1'),
      'web.yml: the file is not written in UTF-8; save it as UTF-8',
    ],
  ])('a file in %s', async (_, bytes, problem) => {
    expect((await rig.load(bytes)).problems).toEqual([problem]);
  });

  it('a mark at the beginning of UTF-8 is no fault, nor are other letters beside a certificate', async () => {
    expect((await rig.load(`\ufeff${TLS}`)).problems).toEqual([]);
    const pem = readFileSync(`${rig.pki.folder}/server.crt`, 'latin1');
    writeFileSync(`${rig.pki.folder}/latin.crt`, `subject=Andr\xe9\n${pem}`, 'latin1');
    expect((await rig.load(TLS.replace('server.crt', 'latin.crt'))).problems).toEqual([]);
  });

  it('a file that is not there', async () => {
    const path = `${rig.pki.folder}/missing.yml`;
    const { problems } = await loadWebConfig(path, { files: nodeFiles, read: new Set() });
    expect(problems.map(formatProblem)).toEqual([`${path}: file ${path} does not exist; check the path and the mount`]);
  });

  it('users on a machine where bcrypt cannot be loaded, which is not looked for without them', async () => {
    const problemsOf = async (text: string) => {
      const { problems } = await loadWebConfig(rig.pki.write('web.yml', text), {
        files: nodeFiles,
        read: new Set(),
        loadBcrypt: async () => {
          throw new Error("Cannot find module 'bcrypt'\nRequire stack:\n- /app/dist/serve.cjs");
        },
      });
      return problems.map((problem) => formatProblem(problem).replaceAll(`${rig.pki.folder}/`, ''));
    };
    expect(await problemsOf(`${TLS}basic_auth_users:\n  alice: ${HASH}\n`)).toEqual([
      "web.yml:4:1: basic_auth_users: needs the package bcrypt, which cannot be loaded: Cannot find module 'bcrypt'; install the exporter again, on this kind of machine",
    ]);
    expect(await problemsOf(`${TLS}basic_auth_users:\n`)).toEqual([]);
  });

  it('never throws, whatever is in the file, and never quotes it', async () => {
    const secret = 'sk-ant-oat01-canary';
    const words = fc.constantFrom(
      'tls_server_config',
      'basic_auth_users',
      'rate_limit',
      'http_server_config',
      'headers',
      'cert',
      'key_file',
      'burst',
      'x',
    );
    const value = fc.oneof(fc.constant(secret), fc.integer(), fc.boolean(), fc.constant(null));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        value,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(words, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          tree.map((data) => JSON.stringify(data)),
          fc.string(),
        ),
        async (text) => {
          const { problems, notices } = await rig.load(text);
          expect(`${problems}${notices}`).not.toContain(secret);
        },
      ),
      { numRuns: 200 },
    );
  });
});
