import { dirname, resolve } from 'node:path';
import type { FileReader } from '../../base/files.ts';
import type { Report } from '../file/report.ts';
import type { Source } from '../file/sources.ts';
import type { FileValues } from '../options/file-schema.ts';

/** What every step from checked values to the configuration needs. */
export interface ResolveContext {
  readonly values: FileValues;
  readonly source: Source;
  readonly report: Report;
  readonly variables: ReadonlyMap<string, string>;
  readonly files: FileReader;
  readonly hostName: string;
  /** Every file read so far. */
  readonly read: Set<string>;
}

/** Relative paths start at the configuration file, so that the working directory does not matter. */
export function absolutePath(path: string, context: ResolveContext): string {
  return context.source.file === null ? resolve(path) : resolve(dirname(context.source.file), path);
}
