import { describe, expect, it } from 'vitest';
import { ALL_OBJECTS, emptyValues, NEEDED } from './empty-values.ts';
import { template } from './helm.ts';

const needed = Object.entries(NEEDED).flatMap(([section, names]) => names.map((name) => [section, name] as const));

describe('a value with nothing under its name, which takes its default away', () => {
  it.each(needed)('is refused where nothing works without it: %s %s', (section, name) => {
    const part = section === '' ? { [name]: null } : { [section]: { ...ALL_OBJECTS[section], [name]: null } };
    const { status, stderr } = template({ ...ALL_OBJECTS, ...part });
    expect(status).not.toBe(0);
    const wanted = `a map in which ${name} is not empty: give it a value, or leave it out for its default`;
    expect(stderr).toContain(`- at '${section && `/${section}`}': value must be '${wanted}.`);
    expect(stderr).not.toMatch(/failed$|nil pointer|calling/m);
  });

  it('is taken everywhere else; manifests.test.ts holds what it makes to the schemas', () => {
    expect(template(emptyValues()).stderr).toBe('');
  });
});
