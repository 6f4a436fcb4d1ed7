import { ExporterError } from '../base/errors.ts';
import { isSafeSegment } from '../wire/read.ts';

/** Every path that the client can request, after the preset's prefix. There is no other list of endpoints. */
export const PATHS = {
  stats: '/environments/{environment}/work/stats',
  list: '/environments/{environment}/work',
  retrieve: '/environments/{environment}/work/{work}',
  environments: '/environments',
  session: '/sessions/{session}',
  sessionEvents: '/sessions/{session}/events',
} as const;

export type PathName = keyof typeof PATHS;

export type PathIds = { readonly environment?: string; readonly work?: string; readonly session?: string };

/** An id that would change which endpoint a path names. The id itself is not quoted: it may be anything. */
export class UnsafePathError extends ExporterError {
  /** Environment ids come from the configuration, ids of work and sessions from the API. */
  readonly segment: keyof PathIds;

  constructor(segment: keyof PathIds) {
    super('unsafe_path', `the ${segment} id cannot stand in a request path`, {
      remedy: 'An id has 1 to 128 letters, digits, _ and -, and is neither poll nor stats.',
    });
    this.segment = segment;
  }
}

/** Each template as text and names of ids in turn: a path is made for every request. */
const PARTS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(PATHS).map(([name, template]) => [name, template.split(/\{(\w+)\}/)]),
);

/**
 * The only place that builds a request path. `work/poll` is a GET that claims work, so ids are checked, never escaped.
 *
 * @throws UnsafePathError
 */
export function buildPath(prefix: string, name: PathName, ids: PathIds = {}): string {
  let path = prefix;
  for (const [index, part] of PARTS[name]!.entries()) path += index % 2 === 0 ? part : idOf(ids, part as keyof PathIds);
  return path;
}

function idOf(ids: PathIds, segment: keyof PathIds): string {
  const id = ids[segment];
  if (id === undefined || !isSafeSegment(id)) throw new UnsafePathError(segment);
  return id;
}
