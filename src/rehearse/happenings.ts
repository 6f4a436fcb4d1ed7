import type { Trouble } from '../simulator/scenario-schema.ts';
import { OF_API, OUTSIDE, type Scoped, type Script, type ScriptEnvironment } from '../simulator/script.ts';
import { edgeAfter, isActive } from '../simulator/timing.ts';

/** What the story tells beside the conditions. */
export interface Happening {
  readonly at: number;
  readonly event: 'trouble' | 'repair';
  readonly what: string;
  readonly environment?: string;
  readonly connection?: string;
}

/** What happens by itself in a scenario, in order of time. */
export function happeningsOf(script: Script): readonly Happening[] {
  const { environments, troubles, endsAt, expect, happens, connections } = script;
  // What a scenario of the simulator is about is often how its environments are, and no trouble of its own.
  const whole = expect === '' ? [] : [{ at: 0, event: 'trouble' as const, what: happens, connection: connections[0]! }];
  const all = [
    ...whole,
    ...environments.flatMap(lifeOf),
    ...troubles.flatMap((scoped) => toldOf(scoped, environments, endsAt)),
  ];
  return all.filter(({ at }) => at >= 0 && at <= endsAt).toSorted((one, other) => one.at - other.at);
}

/** What the trouble itself says, as events; one for each environment, or one for a connection. */
function toldOf(
  { trouble, environments: ids, connections, isNarrow }: Scoped,
  all: readonly ScriptEnvironment[],
  endsAt: number,
): readonly Happening[] {
  const what = wordsOf(trouble);
  const changes: Pick<Happening, 'at' | 'event' | 'what'>[] = [];
  for (let at = edgeAfter(trouble, -1e-9); at <= endsAt; at = edgeAfter(trouble, at)) {
    changes.push({ at, event: isActive(trouble, at) ? 'trouble' : 'repair', what });
  }
  const events = (about: Pick<Happening, 'environment' | 'connection'>) => changes.map((one) => ({ ...one, ...about }));
  if (OUTSIDE.test(trouble.kind)) return events({});
  if (OF_API.test(trouble.kind) && !isNarrow) return connections.flatMap((connection) => events({ connection }));
  return all
    .filter(({ id }) => ids.includes(id))
    .flatMap(({ id, connection }) => events({ environment: id, connection }));
}

const SCOPE: ReadonlySet<string> = new Set(['from', 'to', 'environments', 'connections']);

function wordsOf({ kind, ...params }: Trouble): string {
  const shown = Object.entries(params).filter(
    ([key, value]) => !SCOPE.has(key) && value !== undefined && !(key === 'share' && value === 1),
  );
  const text = shown.map(([key, value]) => `${key.replaceAll('_', ' ')} ${String(value)}`).join(', ');
  return kind.replaceAll('_', ' ') + (text === '' ? '' : ` (${text})`);
}

/** An environment that comes or goes. */
function lifeOf({ id, connection, appears, archived, deleted }: ScriptEnvironment): readonly Happening[] {
  const change = (at: number | undefined, what: string): readonly Happening[] =>
    at === undefined ? [] : [{ at, event: 'trouble', what, environment: id, connection }];
  return [...change(appears, 'appears'), ...change(archived, 'is archived'), ...change(deleted, 'is deleted')];
}
