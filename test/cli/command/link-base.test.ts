import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { linkBase } from '../../../src/cli/command/link-base.ts';
import { runCli } from '../run-cli.ts';

const GOOD = [
  'https://wiki.example.com',
  'HTTPS://wiki.example.com',
  'http://10.0.0.1:3000/grafana',
  'https://wiki.example.com/work',
];
const BAD: readonly (readonly [address: string, why: string])[] = [
  ['wiki', 'not an http or https address'],
  ['ftp://wiki.example.com', 'not an http or https address'],
  ['https:wiki.example.com', 'not an http or https address'],
  ['https://', 'not an http or https address'],
  ['https://wiki.example.com/{{ $labels.job }}', 'a brace'],
  ['https://wiki.example.com/$job', 'a dollar sign'],
  ['https://user:secret@wiki.example.com', 'a password'],
  ['https://wiki.example.com/view?page=', 'a query'],
  ['https://wiki.example.com/#/work', 'a fragment'],
  ['https://wiki.example.com/on call', 'white space'],
  ['https://wiki.example.com/"work"', 'a quote'],
];

describe('an address that links begin with', () => {
  it.each(GOOD)('may be %s, with a slash at its end or without', (address) => {
    expect([linkBase(address), linkBase(`${address}/`)]).toEqual([address, address]);
  });

  it.each(BAD)('is refused: %s', (address, why) => {
    expect(() => linkBase(address)).toThrow(InvalidArgumentError);
    expect(() => linkBase(address)).toThrow(why);
  });
});

it.each([
  ['rules', '--runbook-base-url'],
  ['rules', '--dashboard-base-url'],
  ['dashboards', '--runbook-base-url'],
])('%s %s refuses a password', async (command, flag) => {
  const { code, stdout, stderr } = await runCli([command, flag, 'https://user:secret@wiki.example.com']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('links must not hold a user name or a password');
});
