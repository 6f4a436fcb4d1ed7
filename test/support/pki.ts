import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Pair {
  readonly cert: string;
  readonly key: string;
  readonly certPath: string;
  readonly keyPath: string;
}

/** A certificate authority and its certificates, in a folder that is removed at the end of the block. */
export class Pki implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'pki-'));
  readonly ca: Pair;

  constructor() {
    this.ca = this.#make('ca', ['-x509', '-subj', '/CN=test authority']);
  }

  /** A certificate for a server on this machine. */
  server(name = 'server'): Pair {
    return this.#signed(name, ['subjectAltName=DNS:localhost,IP:127.0.0.1', 'extendedKeyUsage=serverAuth']);
  }

  /** A certificate for a client with these names, for instance `DNS:prometheus`. */
  client(name: string, names: string): Pair {
    return this.#signed(name, [`subjectAltName=${names}`, 'extendedKeyUsage=clientAuth']);
  }

  /** Writes a file beside the certificates, which it can name without a folder. */
  write(name: string, text: string | Buffer): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }

  #signed(name: string, extensions: readonly string[]): Pair {
    const by = ['-CA', this.ca.certPath, '-CAkey', this.ca.keyPath];
    const addext = extensions.flatMap((extension) => ['-addext', extension]);
    return this.#make(name, ['-x509', ...by, '-subj', `/CN=${name}`, ...addext]);
  }

  #make(name: string, options: readonly string[]): Pair {
    const [certPath, keyPath] = [join(this.folder, `${name}.crt`), join(this.folder, `${name}.key`)];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyPath];
    execFileSync('openssl', ['req', ...options, '-days', '2', ...key, '-out', certPath], { stdio: 'pipe' });
    return { cert: readFileSync(certPath, 'utf8'), key: readFileSync(keyPath, 'utf8'), certPath, keyPath };
  }
}
