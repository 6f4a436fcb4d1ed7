import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildPath, PATHS, type PathName, UnsafePathError } from '../../src/client/path.ts';

/** Any UTF-16 code unit, half of them ASCII. */
const codeUnit = fc.oneof(fc.nat({ max: 0x7f }), fc.nat({ max: 0xffff })).map((unit) => String.fromCharCode(unit));
const names = Object.keys(PATHS) as PathName[];

describe('buildPath', () => {
  it('a path is made from each of the six templates', () => {
    const ids = { environment: 'env_1', work: 'sesn_2', session: 'sesn_3' };
    expect(names.map((name) => buildPath('/v1', name, ids))).toEqual([
      '/v1/environments/env_1/work/stats',
      '/v1/environments/env_1/work',
      '/v1/environments/env_1/work/sesn_2',
      '/v1/environments',
      '/v1/sessions/sesn_3',
      '/v1/sessions/sesn_3/events',
    ]);
  });

  it.each(['poll', 'stats', 'Poll', '..', '.', 'a/b', '%70oll', 'a%2fb', 'poll?', 'poll#', ' poll', 'poll\n', ''])(
    'refuses the id %j, without quoting it',
    (id) => {
      expect(() => buildPath('/v1', 'retrieve', { environment: 'env_1', work: id })).toThrow(UnsafePathError);
      expect(() => buildPath('/v1', 'stats', { environment: id })).toThrow('the environment id cannot stand');
      for (const name of ['session', 'sessionEvents'] as const) {
        expect(() => buildPath('/v1', name, { session: id })).toThrow('the session id cannot stand');
      }
    },
  );

  it('refuses an id that is missing', () => {
    expect(() => buildPath('/v1', 'retrieve', { environment: 'env_1' })).toThrow(UnsafePathError);
  });

  it('makes no path to another endpoint, whatever the ids are', () => {
    const id = fc.oneof(
      fc.string({ unit: codeUnit, maxLength: 130 }),
      fc.constantFrom('poll', 'stats', '..', '%70oll', '$&'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), id, id, id, (name, environment, work, session) => {
        try {
          const path = buildPath('/v1', name, { environment, work, session });
          expect(new URL(path, 'https://api.example').pathname).toBe(path);
          expect(path).toMatch(/^\/v1\/(environments(\/[\w-]+\/work(\/[\w-]+)?)?|sessions\/[\w-]+(\/events)?)$/);
          expect(path).not.toMatch(/\/poll$/i);
          if (name !== 'stats') expect(path).not.toMatch(/\/stats$/i);
        } catch (error) {
          if (!(error instanceof UnsafePathError)) throw error;
        }
      }),
    );
  });
});
