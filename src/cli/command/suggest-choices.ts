import { type Argument, type Command, InvalidArgumentError, type Option } from 'commander';
import { nearest } from '../../config/file/nearest.ts';

/** Where a value is none of the choices, names the one that was probably meant, or else all of them. */
export function suggestChoices({ options, registeredArguments }: Command): void {
  for (const taker of [...options, ...registeredArguments]) suggest(taker);
}

function suggest(taker: Option | Argument): void {
  const choices = taker.argChoices;
  if (choices === undefined) return;
  taker.argParser((value: string) => {
    if (choices.includes(value)) return value;
    const near = nearest(value, choices);
    throw new InvalidArgumentError(
      near === null ? `Allowed choices are ${choices.join(', ')}.` : `Did you mean ${near}?`,
    );
  });
}
