import { type FileReader, fileFault, fileRemedy } from '../../base/files.ts';
import type { DecodedText } from '../file/decode-text.ts';

/** Includes the certificates in the text. */
const WEB_FILE_LIMIT = 1024 * 1024;

export type TextResult =
  | { readonly ok: true; readonly text: string }
  | {
      readonly ok: false;
      readonly fault: { readonly what: string; readonly remedy: string };
      /** False: the file was read, and what it holds is no text. */
      readonly unread: boolean;
    };

/** For certificates: what counts in them is ASCII, and the text around them may be in any encoding. */
const leniently = (bytes: Uint8Array): DecodedText => ({ ok: true, text: Buffer.from(bytes).toString('utf8') });

/** The text of a file, or why there is none. */
export async function readText(path: string, files: FileReader, decode = leniently): Promise<TextResult> {
  const fault = (what: string, remedy: string, unread = true): TextResult => ({
    ok: false,
    fault: { what, remedy },
    unread,
  });
  try {
    const bytes = await files.readFile(path, WEB_FILE_LIMIT);
    if (bytes.length > WEB_FILE_LIMIT) return fault(`file ${path} is longer than 1 MiB`, 'name another file');
    const decoded = decode(bytes);
    return decoded.ok ? decoded : fault(decoded.what, decoded.remedy, false);
  } catch (error) {
    return fault(`file ${path} ${fileFault(error)}`, fileRemedy(error));
  }
}
