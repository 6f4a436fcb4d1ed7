import { describe, expect, it } from 'vitest';
import { contentType, negotiate } from '../../../src/metrics/exposition/format.ts';

const OPENMETRICS = 'application/openmetrics-text';

describe('negotiate', () => {
  it.each([
    [undefined, 'prometheus'],
    ['', 'prometheus'],
    ['*/*', 'prometheus'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'prometheus'],
    ['text/plain', 'prometheus'],
    [OPENMETRICS, 'openmetrics'],
    [`${OPENMETRICS}; version=1.0.0; charset=utf-8`, 'openmetrics'],
    [`${OPENMETRICS};version="1.0.0"`, 'openmetrics'],
    [`${OPENMETRICS.toUpperCase()};VERSION=1.0.0`, 'openmetrics'],
    [`${OPENMETRICS};version=0.0.1`, 'prometheus'],
    [`${OPENMETRICS};version=2.0.0`, 'prometheus'],
    [`${OPENMETRICS};q=0`, 'prometheus'],
    [`${OPENMETRICS};q=nonsense`, 'prometheus'],
    [`text/plain;version=0.0.4,${OPENMETRICS};q=0.5`, 'prometheus'],
    [`text/plain;version=0.0.4;q=0.3,${OPENMETRICS};version=1.0.0;q=0.5,*/*;q=0.1`, 'openmetrics'],
    // What Prometheus 2.53 sends.
    [
      `${OPENMETRICS};version=1.0.0;q=0.5,${OPENMETRICS};version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2`,
      'openmetrics',
    ],
  ])('%s → %s', (accept, format) => {
    expect(negotiate(accept)).toBe(format);
  });
});

it('names the version and the charset of what it sends', () => {
  expect(contentType('prometheus')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(contentType('openmetrics')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
});
