import { Secret } from '../../base/secret.ts';
import { CREDENTIAL_NAMES, type CredentialKind } from '../../domain/failure.ts';
import { type Path, pathText } from '../file/option-tree.ts';
import { keyFault } from './key-fault.ts';
import { absolutePath, type ResolveContext } from './resolve-context.ts';
import { readSecretFile } from './secret-file.ts';

export interface ResolvedKey {
  readonly secret: Secret | null;
  /** True when a key was configured and is invalid: then a missing key need not be reported as well. */
  readonly isInvalid: boolean;
}

interface KeyOptions {
  readonly kind: CredentialKind;
  readonly inline: string | undefined;
  readonly file: string | undefined;
}

/** The key that `api_key` or `api_key_file` under `parent` gives, or `environment_key` and its file. */
export async function resolveKey(
  parent: Path,
  { kind, inline, file }: KeyOptions,
  context: ResolveContext,
): Promise<ResolvedKey> {
  const { report } = context;
  const path = [...parent, kind];
  const filePath = [...parent, `${kind}_file`];
  const invalid: ResolvedKey = { secret: null, isInvalid: true };
  if (inline !== undefined && file !== undefined) {
    report.problem(filePath, `${kind} and ${kind}_file are both set`, 'keep one of them');
    return invalid;
  }
  if (file !== undefined) {
    const absolute = absolutePath(file, context);
    context.read.add(absolute);
    const result = await readSecretFile(absolute, kind, context.files);
    if (result.ok) return { secret: result.secret, isInvalid: false };
    report.problem(filePath, result.fault.what, result.fault.remedy);
    return invalid;
  }
  if (inline === undefined) return { secret: null, isInvalid: report.isInvalid(path) || report.isInvalid(filePath) };
  const fault = keyFault(inline, kind, context.source.file === null ? 'variables' : 'file');
  if (fault === null) return { secret: new Secret(inline, sourceOf(path, context)), isInvalid: false };
  report.problem(path, fault.what, fault.remedy);
  return invalid;
}

/** Reports an expiry date of a key that is not there. `kind` is the one that could be. */
export function checkExpiry(
  parent: Path,
  { expires, kind, key }: { readonly expires: unknown; readonly kind: CredentialKind; readonly key: ResolvedKey },
  { report }: ResolveContext,
): void {
  if (expires === undefined || key.secret !== null || key.isInvalid) return;
  const what = `there is no ${CREDENTIAL_NAMES[kind]} that could expire`;
  report.problem([...parent, 'expires'], what, `set ${kind} or ${kind}_file, or remove this`, 'key');
}

function sourceOf(path: Path, { variables, source }: ResolveContext): string {
  const variable = variables.get(pathText(path)) ?? (source.file === null ? source.locate(path).option : null);
  return variable === null ? `${path.at(-1)} in ${source.origin}` : `environment variable ${variable}`;
}
