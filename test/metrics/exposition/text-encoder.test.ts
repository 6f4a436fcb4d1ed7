import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyHistogram, observe } from '../../../src/domain/histogram.ts';
import {
  encodeBound,
  encodeHead,
  encodeHistogram,
  encodeLabels,
  encodeNumber,
  encodeSample,
} from '../../../src/metrics/exposition/text-encoder.ts';
import { parseExposition } from '../../support/exposition-parser.ts';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [0.1, '0.1'],
    [1795521587.6, '1795521587.6'],
    [1e21, '1e+21'],
    [5e-324, '5e-324'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('%d is %s', (value, text) => {
    expect(encodeNumber(value)).toBe(text);
  });

  it.each([
    [1, '1.0'],
    [86400, '86400.0'],
    [0.025, '0.025'],
    [1e21, '1e+21'],
    [Number.POSITIVE_INFINITY, '+Inf'],
  ])('the bound %d is %s', (bound, text) => {
    expect(encodeBound(bound)).toBe(text);
  });
});

describe('heads', () => {
  const head = { name: 'a_seconds_total', type: 'counter', help: 'Says "a\\b"\nand more.', unit: 'seconds' } as const;

  it('names a counter with its suffix and leaves quotes alone in 0.0.4', () => {
    expect(encodeHead(head, 'prometheus')).toBe(
      '# HELP a_seconds_total Says "a\\\\b"\\nand more.\n# TYPE a_seconds_total counter\n',
    );
  });

  it('names its family without it, with a unit and quotes escaped, in OpenMetrics', () => {
    expect(encodeHead(head, 'openmetrics')).toBe(
      '# TYPE a_seconds counter\n# UNIT a_seconds seconds\n# HELP a_seconds Says \\"a\\\\b\\"\\nand more.\n',
    );
  });
});

describe('labels', () => {
  it('reads back whatever a value holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.double({ noNaN: true }), (text, value) => {
        const line = encodeSample('a', encodeLabels([['b', text]]), value);
        const [family] = parseExposition(`# HELP a b\n# TYPE a gauge\n${line}`, 'prometheus');
        expect(family!.samples).toMatchObject([{ labels: { b: text }, value: value === 0 ? 0 : value }]);
      }),
    );
  });

  it('a sample without labels has no braces', () => {
    expect(encodeSample('a', '', 1)).toBe('a 1\n');
  });
});

describe('histograms', () => {
  const exemplar = { labels: { work_id: 'w"1' }, value: 1.5, timestampSeconds: 17.25 };
  const histogram = observe(observe(emptyHistogram([1, 2.5]), 1.5, exemplar), 9);

  it('are cumulative, with exemplars only where asked for', () => {
    expect(encodeHistogram('h', 'a="b"', histogram, false)).toBe(
      'h_bucket{a="b",le="1.0"} 0\nh_bucket{a="b",le="2.5"} 1\nh_bucket{a="b",le="+Inf"} 2\nh_sum{a="b"} 10.5\nh_count{a="b"} 2\n',
    );
    expect(encodeHistogram('h', '', histogram, true)).toBe(
      'h_bucket{le="1.0"} 0\nh_bucket{le="2.5"} 1 # {work_id="w\\"1"} 1.5 17.25\nh_bucket{le="+Inf"} 2\nh_sum 10.5\nh_count 2\n',
    );
  });
});
