import type { Variables } from './interpolate.ts';
import { outsideFiles, type Problem } from './problem.ts';

/** Wrong names that people use for variables of the SDKs, without those that are variables of the SDKs themselves. */
const VARIABLE_ALIASES: Readonly<Record<string, string>> = {
  ANTHROPIC_APIKEY: 'ANTHROPIC_API_KEY',
  ANTHROPIC_API_KEYS: 'ANTHROPIC_API_KEY',
  ANTHROPIC_API_KEY_FILE: 'ANTHROPIC_API_KEY',
  ANTHROPIC_API_TOKEN: 'ANTHROPIC_API_KEY',
  ANTHROPIC_KEY: 'ANTHROPIC_API_KEY',
  ANTHROPIC_TOKEN: 'ANTHROPIC_API_KEY',
  CLAUDE_API_KEY: 'ANTHROPIC_API_KEY',
  ANTHROPIC_API_BASE: 'ANTHROPIC_BASE_URL',
  ANTHROPIC_API_BASE_URL: 'ANTHROPIC_BASE_URL',
  ANTHROPIC_API_URL: 'ANTHROPIC_BASE_URL',
  ANTHROPIC_URL: 'ANTHROPIC_BASE_URL',
  ANTHROPIC_ENVIRONMENT: 'ANTHROPIC_ENVIRONMENT_ID',
  ANTHROPIC_ENVIRONMENTS: 'ANTHROPIC_ENVIRONMENT_ID',
  ANTHROPIC_ENVIRONMENT_IDS: 'ANTHROPIC_ENVIRONMENT_ID',
  ANTHROPIC_ENV_ID: 'ANTHROPIC_ENVIRONMENT_ID',
  ANTHROPIC_ENVIRONMENT_KEYS: 'ANTHROPIC_ENVIRONMENT_KEY',
  ANTHROPIC_ENVIRONMENT_KEY_FILE: 'ANTHROPIC_ENVIRONMENT_KEY',
  ANTHROPIC_ENV_KEY: 'ANTHROPIC_ENVIRONMENT_KEY',
  ANTHROPIC_WORKSPACE: 'ANTHROPIC_WORKSPACE_ID',
};

export interface MisnamedVariable {
  readonly name: string;
  /** The variable that is read and is not set. */
  readonly meant: string;
}

/** Variables that are set instead of those that are read: under another name, or in lower case. */
export function misnamedVariables(env: Variables, known: readonly string[]): MisnamedVariable[] {
  const isSet = (name: string) => (env[name] ?? '') !== '';
  return Object.keys(env)
    .filter(isSet)
    .toSorted()
    .flatMap((name) => {
      const inCapitals = name.toUpperCase();
      const meant = known.includes(inCapitals) ? inCapitals : VARIABLE_ALIASES[inCapitals];
      return meant === undefined || isSet(meant) ? [] : [{ name, meant }];
    });
}

/** A notice for each of them. */
export function misnamedNotices(misnamed: readonly MisnamedVariable[]): Problem[] {
  return misnamed.map(({ name, meant }) => ({
    ...outsideFiles(name),
    what: 'is set, and the exporter reads no variable of this name',
    remedy: `did you mean ${meant}?`,
  }));
}
