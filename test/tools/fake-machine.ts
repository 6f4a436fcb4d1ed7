import type { Machine } from './machine.ts';

interface FakeMachineOptions {
  readonly root?: boolean;
  /** Programs and files that are there from the start. */
  readonly has?: readonly string[];
  /** What apt offers, and which programs and files each package brings; a whole command brings what it says, too. */
  readonly offers: Readonly<Record<string, readonly string[]>>;
  /** Packages that fail, and `update`. */
  readonly fails?: readonly string[];
  /** The package lists are empty until they are updated. */
  readonly newMachine?: boolean;
}

/** A machine whose apt offers what a test says; `log` tells what was done to it. */
export function fakeMachine(options: FakeMachineOptions): Machine & { readonly log: string[] } {
  const { root = false, offers, fails = [], newMachine = false } = options;
  const there = new Set(options.has);
  const log: string[] = [];
  let listed = !newMachine;
  const bring = (done: string, name: string) => {
    log.push(`${done} ${name}`);
    if (fails.includes(name)) return false;
    for (const program of offers[name] ?? []) there.add(program);
    return true;
  };
  return {
    log,
    isRoot: root,
    has: (name) => there.has(name),
    offers: (name) => listed && name in offers,
    updateLists: () => {
      log.push('update');
      if (fails.includes('update')) return false;
      listed = true;
      return true;
    },
    install: (packages) => packages.every((name) => bring('install', name)),
    unpack: (name) => bring('unpack', name),
    place: () => {},
    runAsRoot: (command) => {
      log.push(command.join(' '));
      for (const name of offers[command.join(' ')] ?? command) there.add(name);
      return true;
    },
  };
}
