import { rolldown } from 'rolldown';
import { asciiSource } from './ascii-source.ts';
import { chunkName } from './chunk-name.ts';
import { partsList } from './parts-list.ts';
import { shippedPackages } from './shipped-packages.ts';
import { thirdPartyNotices } from './third-party-notices.ts';
import { writeFolder } from './write-folder.ts';

/** What finds its compiled half by a path from its own file stays a package of its own. */
const EXTERNAL = ['bcrypt'];
/**
 * Parts of fastify that the program never asks for: what compiles schemas of routes, and asks routes without a socket.
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
    input: { main: 'src/main.ts', 'file-worker': 'src/base/files/file-worker.ts' },
    platform: 'node',
    external: [...EXTERNAL, ...NEVER_LOADED],
    // Whoever loads main.cjs would start the program: what others need of it gets a file of its own.
    preserveEntrySignatures: 'strict',
    tsconfig: false,
    // The oldest Node of package.json has no `using`.
    transform: { target: 'node22.19' },
    logLevel: 'warn',
  });
  const { output } = await bundle.generate({
    // As a module, a file that imports one of Node's own loads all that this one may ever need: `node:http` a second
    // HTTP client.
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
