import { expect, it } from 'vitest';
import { proxyFor } from '../../../src/client/http/proxy.ts';

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
  ['10.1.2.3', '10.1.2.3', false],
  ['10.1.2.3', '10.0.0.0/33', false],
  ['10.1.2.3', '10.0.0.0/', false],
  ['10.1.2.3', '10.0.0/8,/8,a/8', false],
])('%s is in a network of NO_PROXY=%j: %s', (host, noProxy, isIn) => {
  const { proxy } = proxyFor(new URL(`http://${host}:8080/`), { HTTP_PROXY: 'proxy:3128', NO_PROXY: noProxy });
  expect(proxy).toBe(isIn ? null : 'http://proxy:3128');
});
