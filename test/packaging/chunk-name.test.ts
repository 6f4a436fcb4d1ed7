import { describe, expect, it } from 'vitest';
import { type ChunkContents, chunkName } from '../../scripts/build/chunk-name.ts';

const SIZES = new Map([
  ['/home/us/exporter/src/base/random.ts', 100],
  ['/home/us/exporter/src/app/app.ts', 100],
  ['/home/us/exporter/src/domain/work.ts', 150],
  ['/home/us/exporter/node_modules/fastify/fastify.js', 800],
  ['/home/us/exporter/node_modules/fastify/lib/reply.js', 400],
  ['/home/us/exporter/node_modules/avvio/boot.js', 400],
  ['/home/us/exporter/node_modules/pino/node_modules/@pinojs/redact/index.js', 1000],
]);
const PATHS = [...SIZES.keys()];

function nameOf(words: readonly string[], more: Partial<ChunkContents> = {}): string {
  const moduleIds = ['\0rolldown/runtime.js', ...PATHS.filter((path) => words.some((word) => path.includes(word)))];
  return chunkName({ name: 'random', isDynamicEntry: false, moduleIds, ...more }, (path) => SIZES.get(path)!);
}

describe('a file of dist/', () => {
  it('is called after the package that most of it is of', () => {
    expect(nameOf(['random', 'fastify', 'avvio'])).toBe('fastify');
    expect(nameOf(['random', 'redact'])).toBe('pinojs-redact');
  });

  it('is called after one of its modules where most of it is of src', () => {
    expect(nameOf(['random', 'work'])).toBe('random');
  });

  it('is called after one of its modules where no package has enough of it', () => {
    const many = Array.from({ length: 20 }, (_, n) => `/home/us/exporter/node_modules/small-${n}/index.js`);
    const chunk = { name: 'random', isDynamicEntry: false, moduleIds: many };
    expect(chunkName(chunk, () => 100)).toBe('random');
  });

  it('is called after what loads it where that is done later', () => {
    expect(nameOf(['fastify'], { name: 'serve', isDynamicEntry: true })).toBe('serve');
  });

  it('is called exporter where the program is put together', () => {
    expect(nameOf(['app/app', 'fastify'])).toBe('exporter');
  });
});
