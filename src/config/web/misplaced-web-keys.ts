import { hasKnownKey, looksLikeKey } from '../../base/key-shape.ts';
import type { Path } from '../file/option-tree.ts';
import type { Report } from '../file/report.ts';

const TLS = 'tls_server_config';
/** A private key belongs in the first, and hashes below the second. */
const SECRETS = new Set([`${TLS}.key`, 'basic_auth_users']);
/** PEM looks random, and is public unless it is a key. */
const CERTIFICATES = new Set([`${TLS}.cert`, `${TLS}.client_ca`]);

/** Reports, without showing it, anything in a web configuration file that looks like a key where none belongs. */
export function reportMisplacedWebKeys(tree: unknown, report: Report): void {
  const look = (value: unknown, path: Path): void => {
    const option = path.join('.');
    if (typeof value === 'string') {
      if (SECRETS.has(option) || path[0] === 'basic_auth_users') return;
      const isKey = CERTIFICATES.has(option) ? hasKnownKey(value) : looksLikeKey(value);
      if (isKey) report.invalidate(path, 'seems to contain a key', remedyOf(option));
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        // Reported at the parent: the place itself would show the name.
        if (looksLikeKey(key)) report.invalidate(path, 'has a name below it that looks like a key', 'remove it', 'key');
        else look(item, [...path, Array.isArray(value) ? Number(key) : key]);
      }
    }
  };
  look(tree, []);
}

function remedyOf(option: string): string {
  return option.endsWith('_file') ? 'name a file here; the key itself belongs in that file' : 'remove it';
}
