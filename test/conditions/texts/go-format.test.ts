import { describe, expect, it } from 'vitest';
import { humanizeDuration, humanizeTimestamp } from '../../../src/conditions/texts/go-format.ts';

describe('a duration as the templates of Prometheus write it', () => {
  it.each([
    [0, '0s'],
    [59, '59s'],
    [59.94, '59.94s'],
    [60, '1m 0s'],
    [60.9, '1m 0s'],
    [61, '1m 1s'],
    [3599, '59m 59s'],
    [3600, '1h 0m 0s'],
    [86_399, '23h 59m 59s'],
    [86_400, '1d 0h 0m 0s'],
    [90_061, '1d 1h 1m 1s'],
    [-59, '-59s'],
    [-60, '-1m 0s'],
    [-90_061, '-1d 1h 1m 1s'],
  ])('%s seconds are %s', (seconds, text) => {
    expect(humanizeDuration(seconds)).toBe(text);
  });
});

describe('a time as the templates of Prometheus write it', () => {
  it.each([
    [0, '1970-01-01 00:00:00 +0000 UTC'],
    [600, '1970-01-01 00:10:00 +0000 UTC'],
    [1_795_521_600, '2026-11-24 12:00:00 +0000 UTC'],
    [1_795_521_600.5, '2026-11-24 12:00:00.5 +0000 UTC'],
    [1_795_521_600.25, '2026-11-24 12:00:00.25 +0000 UTC'],
  ])('%s is %s', (seconds, text) => {
    expect(humanizeTimestamp(seconds)).toBe(text);
  });
});
