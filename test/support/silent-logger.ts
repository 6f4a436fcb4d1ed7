import type { Logger } from '../../src/base/logger.ts';

const ignore = () => {};

/** A logger that writes nothing. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
