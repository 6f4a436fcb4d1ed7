import { hasKnownKey, looksLikeKey } from '../../base/key-shape.ts';
import { CommandExit, EXIT } from './command-exit.ts';

/**
 * Rejects arguments that look like a key, whatever they were meant for: every user of the machine can read arguments.
 * The password of an address may look like anything, so there only known kinds of keys are recognized.
 *
 * @throws CommandExit that does not show the argument
 */
export function rejectKeys(args: readonly string[]): void {
  const index = args.findIndex((arg) => hasKnownKey(arg) || looksLikeKey(arg.replace(/\/\/[^/@]*@/, '//')));
  if (index === -1) return;
  throw new CommandExit(
    EXIT.usage,
    `argument ${index + 1} seems to contain a key, which every user of this machine can read there; replace the key, and put the new one into a file that api_key_file or environment_key_file names, or into ANTHROPIC_API_KEY or ANTHROPIC_ENVIRONMENT_KEY`,
  );
}
