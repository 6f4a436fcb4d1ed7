import { beforeAll, describe, expect, it } from 'vitest';
import { ALL_OBJECTS, emptyValues, NEEDED } from './empty-values.ts';
import { template } from './helm.ts';
import { refusals, templateTogether } from './together.ts';

const CASES = Object.entries(NEEDED)
  .flatMap(([section, names]) => names.map((name) => ({ section, name })))
  .map((one, index) => ({ ...one, index }));

/** Every object, and nothing under this name. */
function without({ section, name }: { readonly section: string; readonly name: string }) {
  return {
    ...ALL_OBJECTS,
    ...(section === '' ? { [name]: null } : { [section]: { ...ALL_OBJECTS[section], [name]: null } }),
  };
}

describe('a value with nothing under its name, which takes its default away', () => {
  let refused: ReadonlyMap<number, string>;
  let said = '';
  beforeAll(() => {
    const helm = templateTogether(CASES.map(without));
    refused = refusals(helm);
    said = helm.stderr;
  });

  it.each(CASES)('is refused where nothing works without it: $section $name', ({ section, name, index }) => {
    const wanted = `a map in which ${name} is not empty: give it a value, or leave it out for its default`;
    expect(refused.get(index)).toContain(`- at '${section && `/${section}`}': value must be '${wanted}.`);
  });

  it('is refused in words, not by what fails without it', () => {
    expect(refused.size).toBe(CASES.length);
    expect(said).not.toMatch(/failed$|nil pointer|calling/m);
  });

  it('is taken everywhere else; manifests.test.ts holds what it makes to the schemas', () => {
    expect(template(emptyValues()).stderr).toBe('');
  });
});
