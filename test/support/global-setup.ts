import { setUp } from '../tools/set-up.ts';
import { buildProgram } from './built-program.ts';

/** What the machine lacks fails here, before any test could pass by being skipped. */
export default async function setup(): Promise<void> {
  setUp('unpack');
  await buildProgram();
}
