import { rolldown } from 'rolldown';
import { asciiSource } from './ascii-source.ts';
import { chunkName } from './chunk-name.ts';
import { partsList } from './parts-list.ts';
import { shippedPackages } from './shipped-packages.ts';
import { thirdPartyNotices } from './third-party-notices.ts';
import { writeFolder } from './write-folder.ts';

/** Stays a package of its own, because it finds its compiled part by a path relative to its own file. */
const EXTERNAL = ['bcrypt'];
/**
 * Parts of fastify that the program never uses: the compilers of route schemas, and requests to routes without a socket.
 */
const NEVER_LOADED = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request'];

/**
 * Puts the program and the packages that it imports into few files: to find, read and compile a thousand small ones
 * takes most of a start. What a command alone needs has its own file, which is loaded with the command. Beside them:
 * what the files are made of, for scanners and for lawyers.
 * @param root - the checkout
 * @param folder - which then holds this and nothing else
 */
export async function bundleProgram(root: string, folder: string): Promise<void> {
  const bundle = await rolldown({
    cwd: root,
    input: { main: 'src/main.ts' },
    platform: 'node',
    external: [...EXTERNAL, ...NEVER_LOADED],
    // Loading main.cjs starts the program, so what other files need of it must get a file of its own.
    preserveEntrySignatures: 'strict',
    tsconfig: false,
    // The oldest Node of package.json has no `using`.
    transform: { target: 'node22.19' },
    logLevel: 'warn',
  });
  const { output } = await bundle.generate({
    // An ES module that imports one of Node's modules loads everything that this one may ever need: with `node:http`, a
    // second HTTP client.
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: (chunk) => `${chunkName(chunk)}.cjs`,
    // Source text stays in memory. Names and lines stay readable: they stand in reports of errors.
    comments: false,
  });
  await bundle.close();
  const chunks = output.filter((file) => file.type === 'chunk');
  const packages = shippedPackages(
    root,
    chunks.flatMap(({ moduleIds }) => moduleIds),
  );
  writeFolder(
    folder,
    new Map([
      ...chunks.map(({ fileName, code }) => [fileName, asciiSource(code)] as const),
      ['sbom.cdx.json', partsList(root, packages)],
      ['THIRD-PARTY-NOTICES.txt', thirdPartyNotices(packages)],
    ]),
    // npm makes the command of an installed package executable, but not that of a checkout, which npx starts, too.
    ['main.cjs'],
  );
}
