import type { Machine } from './machine.ts';
import type { Program } from './programs.ts';

/** `install` as CI does; `unpack` leaves the machine as it is as far as a program allows it. */
export type How = 'install' | 'unpack';

/** The programs of the table that the machine lacks. */
export function missingPrograms(programs: readonly Program[], machine: Machine): Program[] {
  return programs.filter(({ names }) => !names.some((name) => machine.has(name)));
}

/** The packages that may bring a program and that apt has here, the best first. */
export function offeredPackages(program: Program, machine: Machine): string[] {
  return program.packages.filter((name) => machine.offers(name));
}

/** Gets what is missing, each program for itself: one that fails does not stop the next. Returns what is missing still. */
export function bringPrograms(programs: readonly Program[], machine: Machine, how: How): Program[] {
  const bringAll = (isListed: boolean) => {
    for (const program of programs) {
      // Asked again at every turn, since a package may bring several programs.
      if (missingPrograms([program], machine).length > 0) bring(program, machine, { how, isListed });
    }
    return missingPrograms(programs, machine);
  };
  const missing = bringAll(false);
  // A new machine has no package lists, an old one has lists of files that are gone.
  return missing.length > 0 && machine.updateLists() ? bringAll(true) : missing;
}

/** Another way than apt is taken only where the package lists are sure to have nothing. */
function bring(program: Program, machine: Machine, { how, isListed }: { how: How; isListed: boolean }): void {
  const offered = offeredPackages(program, machine);
  for (const name of offered) {
    const unpacked = how === 'unpack' && program.unpacks;
    if (unpacked ? machine.unpack(name) : machine.install([name])) machine.place(program.names);
    if (missingPrograms([program], machine).length === 0) return;
  }
  const { otherwise } = program;
  if (isListed && offered.length === 0 && otherwise !== undefined && machine.has(otherwise[0]))
    machine.runAsRoot(otherwise);
}
