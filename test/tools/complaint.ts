import { offeredPackages } from './bring.ts';
import type { Machine } from './machine.ts';
import type { Program } from './programs.ts';

/** What to tell the person who runs the tests: every missing program, its purpose, and the one command that installs them. */
export function complaint(missing: readonly Program[], machine: Machine): string {
  const lines = missing.map(({ names, purpose }) => `  ${names[0]}: it ${purpose}`);
  const found = missing.map((program) => ({ program, name: offeredPackages(program, machine)[0] }));
  const packages = [...new Set(found.flatMap(({ name }) => name ?? []))];
  const unknown = found.filter(({ name }) => name === undefined).map(({ program }) => program);
  const sudo = machine.isRoot ? [] : ['sudo'];
  const commands = [
    ...(packages.length === 0
      ? []
      : [
          [...sudo, 'apt-get update'],
          [...sudo, 'apt-get install -y --no-install-recommends', ...packages],
        ]),
    ...unknown.flatMap(({ otherwise }) => (otherwise === undefined ? [] : [[...sudo, ...otherwise]])),
  ].map((words) => words.join(' '));
  const byHand = unknown
    .filter(({ otherwise }) => otherwise === undefined)
    .map(({ names, packages: tried }) => `${names[0]} (apt does not offer ${tried.join(' or ')})`);
  return [
    'The tests run real programs, and this machine lacks',
    ...lines,
    ...(commands.length === 0 ? [] : [`Run: ${commands.join(' && ')}`]),
    ...(byHand.length === 0 ? [] : [`Install by hand, so that the PATH leads to it: ${byHand.join(', ')}`]),
  ].join('\n');
}
