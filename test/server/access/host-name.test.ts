import { expect, it } from 'vitest';
import { isLoopbackAddress } from '../../../src/base/is-loopback-host.ts';
import { hostName } from '../../../src/server/access/host-name.ts';

it.each([
  ['Exporter.Example.com:9877', 'exporter.example.com'],
  ['exporter.example.com.', 'exporter.example.com'],
  ['127.0.0.1:80', '127.0.0.1'],
  ['[::1]:9877', '::1'],
  ['[::1]', '::1'],
  ['localhost:', 'localhost'],
  ['::1', null],
  ['[127.0.0.1]', null],
  ['a@b', null],
  ['a b', null],
  ['.', null],
  ['', null],
  [undefined, null],
] as const)('the name in %s is %s', (header, expected) => {
  expect(hostName(header)).toBe(expected);
});

it.each([
  ['127.0.0.1', true],
  ['::1', true],
  ['::FFFF:127.0.0.1', true],
  ['127.0.0.6', false],
  ['127.255.3.9', false],
  ['128.0.0.1', false],
  ['127.0.0.1.evil.example', false],
  ['::ffff:10.0.0.1', false],
  [undefined, false],
] as const)('%s is loopback: %s', (address, expected) => {
  expect(isLoopbackAddress(address)).toBe(expected);
});
