import { expect, it } from 'vitest';
import { proxyFault, proxyFor } from '../../../src/client/http/proxy.ts';

it.each<[host: string, noProxy: string, isIn: boolean]>([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['10.1.2.3', 'localhost, .svc,10.1.2.0/24', true],
  ['10.1.2.3', '192.168.0.0/16 10.1.2.3/32', true],
  ['10.1.3.3', '10.1.2.0/24', false],
  ['10.1.2.3', '0.0.0.0/0', true],
  ['[fd00::12]', 'fd00::/8', true],
  ['[fe80::12]', 'fd00::/8', false],
  ['[::1]', '10.0.0.0/8', false],
  ['10.1.2.3', '::/0', false],
  ['10.example.com', '10.0.0.0/8', false],
  ['10.1.2.3', '', false],
  ['10.1.2.3', '10.0.0.0/33', false],
  ['10.1.2.3', '10.0.0.0/', false],
  ['10.1.2.3', '10.0.0/8,/8,a/8', false],
])('%s is in a network of NO_PROXY=%j: %s', (host, noProxy, isIn) => {
  const proxy = proxyFor(new URL(`http://${host}:8080/`), { HTTP_PROXY: 'proxy:3128', NO_PROXY: noProxy });
  expect(proxy).toBe(isIn ? null : 'http://proxy:3128');
});

it.each<[url: string, noProxy: string, isNamed: boolean]>([
  ['https://api.example.com', 'api.example.com', true],
  ['https://api.example.com', 'localhost, API.Example.COM', true],
  ['https://api.example.com.', 'api.example.com', true],
  ['https://api.example.com', 'api.example.com.', true],
  ['https://api.example.com', 'example.com', true],
  ['https://api.example.com', '.example.com', true],
  ['https://example.com', '.example.com', true],
  ['https://api.example.com', '*.example.com', true],
  ['https://example.com', '*.example.com', false],
  ['https://api.example.com', '*', true],
  ['https://api.example.com', '*:80', false],
  ['https://api.example.com', 'api.example.com:443', true],
  ['https://api.example.com', 'api.example.com:8443', false],
  ['https://api.example.com:8443', 'api.example.com:8443', true],
  ['http://api.example.com', 'api.example.com:80', true],
  ['https://badexample.com', 'example.com', false],
  ['https://example.com.evil.test', 'example.com', false],
  ['https://10.1.2.3', '10.1.2.3', true],
  ['https://[::1]', '::1', true],
  ['https://[::1]:8443', '[::1]:8443', true],
  ['https://[::1]', '[::1]:8443', false],
  ['https://api.example.com', ' , ,', false],
])('%s goes around the proxy with NO_PROXY=%j: %s', (url, noProxy, isNamed) => {
  const env = { HTTPS_PROXY: 'http://proxy:3128', HTTP_PROXY: 'http://proxy:3128', NO_PROXY: noProxy };
  expect(proxyFor(new URL(url), env)).toBe(isNamed ? null : 'http://proxy:3128');
});

it('a variable that names no proxy is no fault where NO_PROXY names the host', () => {
  const env = { HTTPS_PROXY: 'ftp://proxy', NO_PROXY: 'api.example.com' };
  expect(proxyFault(new URL('https://api.example.com'), env)).toBeNull();
  expect(proxyFault(new URL('https://api.example.org'), env)).toMatchObject({ variable: 'HTTPS_PROXY' });
});
