import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { LateHistogram } from '../../../src/metrics/self/late-histogram.ts';

const options = { name: 'seconds', help: 'Seconds.', labelNames: ['operation'], buckets: [0.1, 1, 10] };

it('whenever it is read, it shows what a histogram that counts at once would show', async () => {
  const step = fc.oneof(
    fc.record({ operation: fc.constantFrom('stats', 'list'), value: fc.double({ min: 0, max: 20, noNaN: true }) }),
    // Enough at once that it does not keep them all until it is read.
    fc.record({ operation: fc.constantFrom('stats'), times: fc.integer({ min: 100, max: 600 }) }),
    fc.constant('read' as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const [late, atOnce] = [new Registry(), new Registry()];
      const histogram = new LateHistogram({ ...options, registers: [late] });
      const expected = new Histogram({ ...options, registers: [atOnce] });
      histogram.zero({ operation: 'retrieve' });
      expected.zero({ operation: 'retrieve' });
      for (const one of [...steps, 'read' as const]) {
        if (one === 'read') {
          expect(await late.metrics()).toBe(await atOnce.metrics());
          continue;
        }
        const values = 'times' in one ? Array.from({ length: one.times }, (_, n) => n / 50) : [one.value];
        for (const value of values) {
          histogram.observe({ operation: one.operation }, value);
          expected.observe({ operation: one.operation }, value);
        }
      }
    }),
    { numRuns: 50 },
  );
});
