import type { JsonSchema } from '../config/load/configuration-schema.ts';

/** A condition, and what people are told a value must be that does not meet it. */
export type KindRule = readonly [schema: JsonSchema, wanted: string];

/** A member that is set: for Kubernetes, one that is null is not. */
export const given = (name: string): JsonSchema => ({
  required: [name],
  properties: { [name]: { not: { type: 'null' } } },
});

/** None of these members is set. */
export const none = (...names: readonly string[]): JsonSchema => ({ not: { anyOf: names.map(given) } });

/** A member that has one of these values. */
export const says = (name: string, ...words: readonly unknown[]): JsonSchema => ({
  required: [name],
  properties: { [name]: { enum: words } },
});

/** A member that, if it is there, is as `schema` says. */
export const has = (name: string, schema: JsonSchema): JsonSchema => ({ properties: { [name]: schema } });

/** `schema`, where the condition holds. */
export const where = (condition: JsonSchema, schema: JsonSchema): JsonSchema => ({
  anyOf: [{ not: condition }, schema],
});
const SOME_TEXT: JsonSchema = { type: 'string', minLength: 1 };

/** A member that is there and not empty. */
export const text = (name: string): JsonSchema => ({ required: [name], ...has(name, SOME_TEXT) });

/** Of a union, of which Kubernetes takes one member. */
export const exactlyOne = (what: string, ...names: readonly string[]): KindRule => [
  { oneOf: names.map(given) },
  `${what} of one kind: one of ${names.join(', ')}`,
];

/** Of members that do the same in two ways, each a condition, of which one at most may be there. */
export const notBoth = (one: JsonSchema, other: JsonSchema): JsonSchema => ({ not: { allOf: [one, other] } });

/** Of two members, each a condition, that are of no use without the other. */
export const together = (one: JsonSchema, other: JsonSchema): JsonSchema => ({
  anyOf: [{ allOf: [one, other] }, { not: { anyOf: [one, other] } }],
});

/** Of a reference to another object. */
export const named = (name = 'name'): KindRule => [
  text(name),
  `a map with ${name}: an object of Kubernetes that exists`,
];
export const within = (name: string, minimum: number, maximum: number, example: string): KindRule => [
  has(name, { minimum, maximum }),
  `a map with ${name} ${example}`,
];

/** Of permissions of files. */
export const mode = (name: string): KindRule =>
  within(name, 0, 0o777, 'of at most 0777, which is 511: without a 0 in front, a number is decimal');

/** Of the id of a user or a group. */
export const user = (name: string): KindRule => within(name, 0, 2 ** 31 - 1, 'of 0 or more');

/** Of a profile of seccomp or AppArmor: a name belongs to the type Localhost, and only to that. */
export const LOCALHOST_PROFILE: readonly KindRule[] = [
  [
    where(says('type', 'Localhost'), text('localhostProfile')),
    'a profile with localhostProfile, as its type is Localhost',
  ],
  [
    where(given('localhostProfile'), says('type', 'Localhost')),
    'a profile without localhostProfile, or of type Localhost',
  ],
];

/**
 * Of a requirement of a selector: its values fit its operator.
 * @param single operators that compare with one number
 */
export const requirement = (...single: readonly string[]): readonly KindRule[] => [
  [
    where(says('operator', 'In', 'NotIn'), { required: ['values'], ...has('values', { minItems: 1 }) }),
    'a condition with values, as its operator compares with them',
  ],
  [
    where(says('operator', 'Exists', 'DoesNotExist'), has('values', { maxItems: 0 })),
    'a condition without values, as its operator asks only for the key',
  ],
  [
    where(says('operator', ...single), { required: ['values'], ...has('values', { minItems: 1, maxItems: 1 }) }),
    'a condition with one value, as its operator compares with a number',
  ],
];

/** A subdirectory of a volume: Kubernetes lets no path leave it. */
const INSIDE: JsonSchema = { not: { type: 'string', pattern: '^/|(^|/)\\.\\.(/|$)' } };
export const inside = (name: string): KindRule => [
  has(name, INSIDE),
  `a map with ${name} below the volume: neither / in front nor ..`,
];
