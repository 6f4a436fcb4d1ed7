import type { Reasons } from './judge.ts';

/** Why each of these is as it is. Whoever adds a line thinks about the file first. */
export const REASONS: Reasons = {};
