import { looksLikeKey } from '../../base/key-shape.ts';
import { outsideFiles, type Problem } from '../file/problem.ts';

/** What begins like this is an address; no path does. */
const ADDRESS = /^[a-z][a-z\d+.-]+:\/\//i;

/** What is surely no path. No message shows the text: it may be a secret, or contain one. */
const FAULTS: readonly (readonly [is: (named: string) => boolean, what: string, remedy: string])[] = [
  [
    (named) => named.trim() === '',
    'is empty',
    'name a file, or leave --config out to use the environment variables; perhaps a variable of your shell is not set',
  ],
  [
    looksLikeKey,
    'the path of the configuration file seems to contain a key',
    'name a file; a key belongs in the file that api_key_file or environment_key_file names',
  ],
  [
    (named) => ADDRESS.test(named),
    'is an address, and not the path of a file',
    'save the configuration to a file, and name its path without anything before it',
  ],
];

/** Why a text cannot be the path of the configuration file; null: it may be one. */
export function pathProblem(named: string): Problem | null {
  const fault = FAULTS.find(([is]) => is(named));
  return fault === undefined ? null : { ...outsideFiles('--config'), what: fault[1], remedy: fault[2] };
}
