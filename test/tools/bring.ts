import type { Machine } from './machine.ts';
import type { Program } from './programs.ts';

/** `unpack` leaves the machine as it is; `install` is for what works only where its package puts it. */
export type How = 'unpack' | 'install';

/** The programs of the table that the machine lacks, with the files that they read. */
export function missingPrograms(programs: readonly Program[], machine: Machine): Program[] {
  return programs.filter(
    ({ names, reads = [] }) => !names.some((name) => machine.has(name)) || !reads.every((file) => machine.has(file)),
  );
}

/**
 * Gets what is missing, and says what and why, as it takes minutes.
 * @throws when something is missing even so, with what helps
 */
export function bringPrograms(
  programs: readonly Program[],
  machine: Machine,
  how: How,
  say: (line: string) => void,
): void {
  const missing = missingPrograms(programs, machine);
  if (missing.length === 0) return;
  say(`The tests run real programs, and this machine lacks some. ${WAYS[how]}`);
  for (const { names, purpose } of missing) say(`  ${names[0]}: ${purpose}`);
  machine.updateLists();
  const packages = new Set(missing.flatMap((program) => offered(program, machine) ?? []));
  if (packages.size > 0) machine[how]([...packages]);
  for (const program of missing) {
    if (how === 'unpack') machine.prepare(program);
    if (program.otherwise !== undefined && offered(program, machine) === undefined)
      machine.runAsRoot(program.otherwise);
  }
  const left = missingPrograms(programs, machine);
  if (left.length > 0) throw new Error(complaint(left, machine));
  say('All programs are there.');
}

const WAYS: Readonly<Record<How, string>> = {
  unpack: 'They are unpacked into .cache/real-parts, once; nothing is installed, and no service is started:',
  install: 'They are installed:',
};

/** The package that brings a program here, if any does. */
function offered({ packages }: Program, machine: Machine): string | undefined {
  return packages.find((name) => machine.offers(name));
}

/** What is still missing, what for, and the one command that installs it. */
function complaint(missing: readonly Program[], machine: Machine): string {
  const sudo = machine.isRoot ? '' : 'sudo ';
  const found = missing.flatMap((program) => offered(program, machine) ?? []);
  const others = missing.filter((program) => offered(program, machine) === undefined);
  const install = `${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends`;
  const commands = [
    ...(found.length === 0 ? [] : [`${install} ${[...new Set(found)].join(' ')}`]),
    ...others.flatMap(({ otherwise }) => (otherwise === undefined ? [] : [`${sudo}${otherwise.join(' ')}`])),
  ];
  const byHand = others.flatMap(({ names, otherwise }) => (otherwise === undefined ? [names[0]] : []));
  return [
    'The tests run real programs, and this machine lacks',
    ...missing.map(({ names, purpose }) => `  ${names[0]}: ${purpose}`),
    ...(commands.length === 0 ? [] : [`Run: ${commands.join(' && ')}`]),
    ...(byHand.length === 0 ? [] : [`Install by hand, so that the PATH leads to it: ${byHand.join(', ')}`]),
  ].join('\n');
}
