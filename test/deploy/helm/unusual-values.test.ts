import { beforeAll, describe, expect, it } from 'vitest';
import { type HelmResult, template } from './helm.ts';
import { RIGHT_ROWS } from './right-values.ts';
import { templateTogether } from './together.ts';

describe('a right value that looks like a wrong one', () => {
  let together: HelmResult;
  beforeAll(() => {
    together = templateTogether(RIGHT_ROWS.map(([, values]) => values));
  });

  it.each(RIGHT_ROWS)('is taken: %s, %j', (_, values) => {
    // Helm stops at the first that it refuses; then each speaks for itself.
    expect((together.status === 0 ? together : template(values)).stderr).toBe('');
  });

  it('is an empty `global`, of which a chart within another one is told', () => {
    expect(template({ global: null }).stderr).toBe('');
  });
});
