import type { z } from 'zod';

/** How a value is written, checked and explained. `T` is what the program works with. */
export interface OptionType<T> {
  /** Takes the value as YAML gives it, and gives `T`. Its input side is the JSON Schema. */
  readonly schema: z.ZodType<T>;
  /** Completes "must be …". */
  readonly expects: string;
  readonly example: string;
  /** Word for the docs: `duration`, `number`, … */
  readonly name: string;
  /** Whether `never`, or the number `.inf`, is allowed, for no limit; false when absent. */
  readonly never?: boolean;
  /** The words of which the value is one. */
  readonly words?: readonly string[];
  /** What somebody who wrote this wrong value probably meant; null: unknown. */
  readonly meant?: (written: unknown) => string | null;
  /** How the text of an environment variable becomes a YAML value. */
  readonly scalar: 'text' | 'number' | 'boolean' | 'none';
}

/** One option, declared once: parsing, redaction, JSON Schema and docs all read this. */
export interface Option<T> {
  readonly kind: 'option';
  readonly type: OptionType<T>;
  /** As written in a file; undefined: there is no default, and the option may be missing. */
  readonly default: unknown;
  readonly required: boolean;
  readonly secret: boolean;
  /** One sentence, for the docs and the JSON Schema. */
  readonly help: string;
  /** Unit of the bare number, if it has one. */
  readonly unit: string | null;
  readonly env: EnvironmentVariable | null;
  readonly flag: string | null;
  /** For the annotated example, as YAML; null: the default, otherwise the example of the type. */
  readonly example: string | null;
}

export interface EnvironmentVariable {
  readonly name: string;
  /** `always`, or only `without-file`: the variables of the SDKs. */
  readonly counts: 'always' | 'without-file';
}

/** Options under one key. */
export interface Group {
  readonly [key: string]: OptionNode;
}

/** A map from names that the user chooses to one group each. */
export interface MapOf<G extends Group> {
  readonly kind: 'map';
  readonly item: G;
}

export interface ListOf<G extends Group> {
  readonly kind: 'list';
  readonly item: G;
}

export interface Section<G extends Group> {
  readonly kind: 'section';
  readonly help: string;
  readonly options: G;
}

export type OptionNode = Option<unknown> | MapOf<Group> | ListOf<Group> | Section<Group>;

type NodeValue<N> =
  N extends Option<infer T>
    ? T
    : N extends MapOf<infer G>
      ? Readonly<Record<string, Values<G>>>
      : N extends ListOf<infer G>
        ? readonly Values<G>[]
        : N extends Section<infer G>
          ? Values<G>
          : never;

/** What a file says for a group: anything may be missing. */
export type Values<G extends Group> = { readonly [K in keyof G]?: NodeValue<G[K]> | undefined };

/** A group after the defaults: nothing is missing. */
export type Complete<G extends Group> = {
  readonly [K in keyof G]: G[K] extends Section<infer H> ? Complete<H> : NodeValue<G[K]>;
};

interface OptionExtras {
  readonly default?: unknown;
  readonly required?: boolean;
  readonly secret?: boolean;
  readonly unit?: string;
  readonly env?: EnvironmentVariable;
  readonly flag?: string;
  readonly example?: string;
}

/** What `extras` does not say: no default, not required, not secret, no unit, no variable, no flag, no example. */
export function option<T>(type: OptionType<T>, help: string, extras: OptionExtras = {}): Option<T> {
  return {
    kind: 'option',
    type,
    help,
    default: extras.default,
    required: extras.required ?? false,
    secret: extras.secret ?? false,
    unit: extras.unit ?? null,
    env: extras.env ?? null,
    flag: extras.flag ?? null,
    example: extras.example ?? null,
  };
}

export const section = <G extends Group>(help: string, options: G): Section<G> => ({ kind: 'section', help, options });
export const mapOf = <G extends Group>(item: G): MapOf<G> => ({ kind: 'map', item });
export const listOf = <G extends Group>(item: G): ListOf<G> => ({ kind: 'list', item });

/** A variable of the SDKs: read only if there is no file. */
export const sdkVariable = (name: string): EnvironmentVariable => ({ name, counts: 'without-file' });
/** A variable of this program: overrides the file. */
export const ownVariable = (name: string): EnvironmentVariable => ({
  name: `ANTHROPIC_WORK_EXPORTER_${name}`,
  counts: 'always',
});
