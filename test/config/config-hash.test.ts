import { describe, expect, it } from 'vitest';
import { configOf, MINIMAL } from './support.ts';

describe('configHash', () => {
  const hashOf = async (yaml: string, given = {}) => (await configOf(yaml, given)).hash;

  it('is a whole number of at most 53 bits, whatever the configuration', async () => {
    // One bit too many shows in every second of these.
    for (let warning = 1; warning <= 12; warning++) {
      const hash = await hashOf(`${MINIMAL}thresholds: {queue_depth: {warning: ${warning}}}`);
      expect(Number.isSafeInteger(hash)).toBe(true);
      expect(hash).toBeGreaterThan(0);
    }
  });

  it('does not know the order of environments, which decides nothing but who is read first at the start', async () => {
    const yaml = (...environments: string[]) => `api: {api_key: k}\nenvironments: [${environments.join(', ')}]`;
    const [a, b] = ['{id: a, environment_key: k, labels: {x: "1"}}', '{id: b}'];
    expect(await hashOf(yaml(a, b))).toBe(await hashOf(yaml(b, a)));
    expect(await hashOf(yaml(a, b))).not.toBe(await hashOf(yaml(a)));
    expect(await hashOf(yaml(a, b))).not.toBe(await hashOf(yaml('{id: a}', '{id: b, labels: {x: "1"}}')));
  });

  it('knows the order of connections: an environment that two of them find is read through the first', async () => {
    const yaml = (...names: string[]) =>
      `connections: {${names.map((name) => `${name}: {api_key: k}`).join(', ')}}\ndiscovery: {enabled: true}`;
    expect(await hashOf(yaml('a', 'b'))).not.toBe(await hashOf(yaml('b', 'a')));
  });

  it('does not know addresses, state files, keys, comments, order and places', async () => {
    const one = await hashOf(`${MINIMAL}server: {listen: ":1"}\nstate_file: /a\nslo: {objective: 0.98}`);
    const other = await hashOf(
      `# x\nslo: {objective: 0.98}\nenvironments: [{environment_key: z, id: env_1}]\napi: {api_key_file: /k}\n`,
      { files: { '/k': 'y' } },
    );
    expect(other).toBe(one);
  });

  it.each(['slo: {objective: 0.98}', 'server: {lifecycle: off}', 'thresholds: {queue_depth: {critical: 500}}'])(
    'knows %s',
    async (line) => {
      expect(await hashOf(`${MINIMAL}${line}`)).not.toBe(await hashOf(MINIMAL));
    },
  );
});
