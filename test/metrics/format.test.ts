import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentType, negotiate } from '../../src/metrics/format.ts';

const OPENMETRICS = 'application/openmetrics-text';

describe('negotiate', () => {
  it.each([
    [undefined, 'prometheus'],
    ['*/*', 'prometheus'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'prometheus'],
    [OPENMETRICS, 'openmetrics'],
    [`${OPENMETRICS}; version=1.0.0; charset=utf-8`, 'openmetrics'],
    [`${OPENMETRICS.toUpperCase()};VERSION=1.0.0`, 'openmetrics'],
    [`${OPENMETRICS};version=2.0.0`, 'prometheus'],
    [`${OPENMETRICS};q=0`, 'prometheus'],
    [`text/plain;version=0.0.4,${OPENMETRICS};q=0.5`, 'prometheus'],
    [`text/plain;version=0.0.4;q=0.3,${OPENMETRICS};version=1.0.0;q=0.5,*/*;q=0.1`, 'openmetrics'],
    // What Prometheus 2.53 sends.
    [
      `${OPENMETRICS};version=1.0.0;q=0.5,${OPENMETRICS};version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2`,
      'openmetrics',
    ],
    // What Prometheus 3 sends.
    [
      `${OPENMETRICS};version=1.0.0;escaping=allow-utf-8;q=0.6,${OPENMETRICS};version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2`,
      'openmetrics',
    ],
    [`text/plain;version=1.0.0;escaping=values;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.2`, 'prometheus'],
    [`${OPENMETRICS},`.repeat(1000), 'prometheus'],
  ])('%s → %s', (accept, format) => {
    expect(negotiate(accept)).toBe(format);
  });
});

it('has an answer for every header, and OpenMetrics only for who names it', () => {
  const words = `text/plain ${OPENMETRICS} */* q=0.5 q=0 version=1.0.0 ; , " =`.split(' ');
  const word = fc.constantFrom(...words, ' ');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(word).map((words) => words.join('')),
      ),
      (accept) => {
        const format = negotiate(accept);
        expect(['prometheus', 'openmetrics']).toContain(format);
        if (format === 'openmetrics') expect(accept).toContain(OPENMETRICS);
      },
    ),
  );
});

it('names the version and the charset of what it sends', () => {
  expect(contentType('prometheus')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(contentType('openmetrics')).toBe(
    'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores',
  );
});
