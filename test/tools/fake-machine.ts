import type { Machine } from './machine.ts';

interface FakeMachineOptions {
  readonly root?: boolean;
  /** Programs and files that are there from the start. */
  readonly has?: readonly string[];
  /** What apt offers once its lists are read, and which programs and files a package, or a whole command, brings. */
  readonly offers: Readonly<Record<string, readonly string[]>>;
}

/** A machine whose apt offers what a test says; `log` tells what was done to it. */
export function fakeMachine({
  root = false,
  has = [],
  offers,
}: FakeMachineOptions): Machine & { readonly log: string[] } {
  const there = new Set(has);
  const log: string[] = [];
  let listed = false;
  const bring = (done: string, names: readonly string[]) => {
    log.push(done);
    for (const program of names.flatMap((name) => offers[name] ?? [])) there.add(program);
    return true;
  };
  return {
    log,
    isRoot: root,
    has: (name) => there.has(name),
    offers: (name) => listed && name in offers,
    updateLists: () => {
      listed = true;
      return bring('update', []);
    },
    install: (packages) => bring(`install ${packages.join(' ')}`, packages),
    unpack: (packages) => bring(`unpack ${packages.join(' ')}`, packages),
    prepare: () => {},
    runAsRoot: (command) => bring(command.join(' '), [command.join(' ')]),
  };
}
