import { expect, it } from 'vitest';
import { CONDITIONS } from '../../src/diagnosis/conditions.ts';

it('what explains a condition is another one, or one severity that it has', () => {
  const all = Object.entries(CONDITIONS);
  const known = new Set(
    all.flatMap(([name, { severities }]) => [name, ...Object.keys(severities).map((one) => `${name}/${one}`)]),
  );
  const causes = all.flatMap(([name, { explainedBy = [] }]) => explainedBy.map((cause) => ({ name, cause })));
  expect(causes.length).toBeGreaterThan(20);
  expect(causes.filter(({ name, cause }) => !known.has(cause) || cause === name)).toEqual([]);
});
