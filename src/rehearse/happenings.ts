import { edgeAfter, isActive } from '../simulator/agenda.ts';
import type { Trouble } from '../simulator/scenario-schema.ts';
import { OF_API, OUTSIDE, type Script } from '../simulator/script.ts';
import type { Happening, Subject } from './timeline.ts';

/** What happens by itself in a scenario. */
export function happeningsOf(script: Script): readonly Happening[] {
  const { environments, endsAt, expect, happens, connections } = script;
  const trouble = (at: number | undefined, what: string, subject: Subject): readonly Happening[] =>
    at === undefined ? [] : [{ event: 'trouble', at, what, ...subject }];
  const lives = environments.flatMap(({ name, appears, archived, deleted }) => [
    ...trouble(appears, 'appears', { environment: name }),
    ...trouble(archived, 'is archived', { environment: name }),
    ...trouble(deleted, 'is deleted', { environment: name }),
  ]);
  // What a scenario of the simulator is about is often how its environments are, and no trouble of its own.
  const whole = expect === '' ? [] : trouble(0, happens, { connection: connections[0]! });
  return [...whole, ...lives, ...toldOf(script)].filter(({ at }) => at >= 0 && at <= endsAt);
}

/** What troubles say of themselves, for each environment, or once for a connection. */
function toldOf({ troubles, environments, endsAt }: Script): readonly Happening[] {
  return troubles.flatMap(({ trouble, environments: ids, connections, isNarrow }) => {
    const own = environments.filter(({ id }) => ids.includes(id)).map(({ name }) => ({ environment: name }));
    const isOfConnections = OF_API.test(trouble.kind) && !isNarrow;
    const subjects: readonly Subject[] = isOfConnections ? connections.map((connection) => ({ connection })) : own;
    const what = wordsOf(trouble);
    const told: Happening[] = [];
    for (let at = edgeAfter(trouble, -1e-9); at <= endsAt; at = edgeAfter(trouble, at)) {
      const event = isActive(trouble, at) ? 'trouble' : 'repair';
      told.push(
        ...(OUTSIDE.test(trouble.kind) ? [{}] : subjects).map(
          (subject): Happening => ({ event, at, what, ...subject }),
        ),
      );
    }
    return told;
  });
}

const SCOPE: ReadonlySet<string> = new Set(['from', 'to', 'environments', 'connections']);

function wordsOf({ kind, ...params }: Trouble): string {
  const shown = Object.entries(params).filter(
    ([key, value]) => !SCOPE.has(key) && value !== undefined && !(key === 'share' && value === 1),
  );
  const text = shown.map(([key, value]) => `${key.replaceAll('_', ' ')} ${String(value)}`).join(', ');
  return kind.replaceAll('_', ' ') + (text === '' ? '' : ` (${text})`);
}
