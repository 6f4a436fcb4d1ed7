import { describe, expect, it } from 'vitest';
import { classifyNetworkError, notConnected } from '../../../src/client/http/network-failure.ts';

const failed = (code: string) => Object.assign(new Error(`connect ${code}`), { code });
const ofAll = (...codes: string[]) => new AggregateError(codes.map(failed), 'no address answers');

describe('a host with several addresses, none of which answers', () => {
  it.each<[what: string, error: unknown, reason: string, says: string]>([
    ['refused by all', ofAll('ECONNREFUSED', 'ECONNREFUSED'), 'network', 'refused (ECONNREFUSED)'],
    ['refused, and no route to the others', ofAll('ENETUNREACH', 'ECONNREFUSED'), 'network', 'refused (ECONNREFUSED)'],
    ['silent, and no route to the others', ofAll('EHOSTUNREACH', 'ETIMEDOUT'), 'timeout', 'timed out (ETIMEDOUT)'],
    ['silent, and no IPv6 here', ofAll('EADDRNOTAVAIL', 'ETIMEDOUT'), 'timeout', 'timed out (ETIMEDOUT)'],
    ['no route to any', ofAll('ENETUNREACH', 'EHOSTUNREACH'), 'network', 'no route to the host (ENETUNREACH)'],
    ['each in turn', ofAll('ECONNREFUSED', 'ETIMEDOUT', 'ENETUNREACH'), 'network', 'refused (ECONNREFUSED)'],
    [
      'all of that within another error',
      new Error('failed', { cause: ofAll('ENETUNREACH', 'ECONNREFUSED') }),
      'network',
      'refused (ECONNREFUSED)',
    ],
    ['nobody says why', new AggregateError([]), 'network', 'the request failed (unknown)'],
  ])('%s', (_, error, reason, says) => {
    const failure = classifyNetworkError(error);
    expect(failure.reason).toBe(reason);
    expect(failure.what).toContain(says);
  });
});

it.each(['EMFILE', 'ENFILE'])('%s is the fault of no host, and its remedy names none', (code) => {
  const { what, remedy } = classifyNetworkError(failed(code), 'HTTPS_PROXY');
  expect(what).toBe(`this process may open no more files and connections (${code})`);
  expect(remedy).toMatch(/limit of open files/);
  expect(remedy).not.toMatch(/base_url|PROXY/);
});

it.each(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT'])(
  '%s says only that the proxy or the API behind it is silent',
  (code) => {
    const behind = classifyNetworkError(failed(code), 'HTTPS_PROXY');
    expect(behind).toMatchObject({ reason: 'timeout', what: `the connection timed out (${code})` });
    // As where the deadline of the request ends it first.
    expect(behind.remedy).toBe(notConnected(10_000, 'HTTPS_PROXY').remedy);
    expect(classifyNetworkError(failed(code)).remedy).toBe(notConnected(10_000, null).remedy);
  },
);
