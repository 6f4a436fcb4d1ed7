import { setUp } from '../tools/set-up.ts';

/** What the machine lacks fails here, before any test could pass by being skipped. */
export default function setup(): void {
  setUp('unpack');
}
