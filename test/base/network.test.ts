import { expect, it } from 'vitest';
import { pemCertificates } from '../../src/base/network.ts';
import { selfSigned } from '../client/self-signed.ts';

const one = selfSigned().cert.trim();
const other = selfSigned('DNS:other.example').cert.trim();
const BROKEN = '-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----';

it('are found one by one, whatever stands between them', () => {
  expect(pemCertificates(`# ours\n${one}\n\nsubject=other\n${other}\n`)).toEqual([one, other]);
});

it.each([
  ['nothing', ''],
  ['no PEM', 'none'],
  ['one that is cut', one.slice(0, -60)],
  ['one that cannot be read', BROKEN],
  ['one that cannot be read among others', `${one}\n${BROKEN}\n${other}`],
])('are null for %s', (_, pem) => {
  expect(pemCertificates(pem)).toBeNull();
});
