import { dirname, resolve } from 'node:path';
import type { FileReader } from '../../base/files/file-reader.ts';
import { Secret } from '../../base/secret.ts';
import { CREDENTIAL_NAMES, type CredentialKind } from '../../domain/failure.ts';
import { type Path, pathText } from '../file/option-tree.ts';
import type { Report } from '../file/report.ts';
import type { Source } from '../file/sources.ts';
import type { FileValues } from '../options/file-schema.ts';
import { keyFault } from './key-fault.ts';
import { readSecretFile } from './secret-file.ts';

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

export interface ResolvedKey {
  readonly secret: Secret | null;
  /** True when a key was configured and is invalid: then a missing key need not be reported as well. */
  readonly broken: boolean;
}

interface KeyOptions {
  readonly kind: CredentialKind;
  readonly inline: string | undefined;
  readonly file: string | undefined;
}

/** The key from X or X_file under `parent`. */
export async function resolveKey(
  parent: Path,
  { kind, inline, file }: KeyOptions,
  context: ResolveContext,
): Promise<ResolvedKey> {
  const { report } = context;
  const path = [...parent, kind];
  const filePath = [...parent, `${kind}_file`];
  const broken = { secret: null, broken: true };
  if (inline !== undefined && file !== undefined) {
    report.problem(filePath, `${kind} and ${kind}_file are both set`, 'keep one of them');
    return broken;
  }
  if (file !== undefined) {
    const absolute = absolutePath(file, context);
    context.read.add(absolute);
    const result = await readSecretFile(absolute, kind, context.files);
    if (result.ok) return { secret: result.secret, broken: false };
    report.problem(filePath, result.fault.what, result.fault.remedy);
    return broken;
  }
  if (inline === undefined) return { secret: null, broken: report.isBroken(path) || report.isBroken(filePath) };
  const fault = keyFault(inline, kind, context.source.file === null ? 'variables' : 'file');
  if (fault === null) return { secret: new Secret(inline, sourceOf(path, context)), broken: false };
  report.problem(path, fault.what, fault.remedy);
  return broken;
}

/** Reports an expiry date of a key that is not there. `kind` is the one that could be. */
export function checkExpiry(
  parent: Path,
  { expires, kind, key }: { readonly expires: unknown; readonly kind: CredentialKind; readonly key: ResolvedKey },
  { report }: ResolveContext,
): void {
  if (expires === undefined || key.secret !== null || key.broken) return;
  const what = `there is no ${CREDENTIAL_NAMES[kind]} that could expire`;
  report.problem([...parent, 'expires'], what, `set ${kind} or ${kind}_file, or remove this`, 'key');
}

function sourceOf(path: Path, { variables, source }: ResolveContext): string {
  const variable = variables.get(pathText(path)) ?? (source.file === null ? source.locate(path).option : null);
  return variable === null ? `${path.at(-1)} in ${source.origin}` : `environment variable ${variable}`;
}
