import { nodeFiles } from '../../src/base/files.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { loadWebConfig } from '../../src/config/web.ts';
import { Pki } from '../support/pki.ts';

/** Of bcrypt; nobody logs in with it here. */
export const HASH = '$2y$10$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu';

export const TLS = 'tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n';

/** A folder with keys and certificates in which a web configuration is written and loaded. */
export class WebConfigRig {
  readonly pki = new Pki();

  constructor() {
    this.pki.server('server');
    this.pki.server('other');
    this.pki.client('client', 'DNS:prometheus');
    this.pki.write('empty', '');
  }

  /** What comes of a file: its settings, or its problems as a user reads them, without the folder. */
  async load(text: string | Buffer) {
    const { pki } = this;
    const read = new Set<string>();
    const { security, problems, notices } = await loadWebConfig(pki.write('web.yml', text), { files: nodeFiles, read });
    const shown = (list: typeof problems) =>
      list.map((problem) => formatProblem(problem).replaceAll(`${pki.folder}/`, ''));
    return { security, problems: shown(problems), notices: shown(notices), read: [...read] };
  }

  [Symbol.dispose](): void {
    this.pki[Symbol.dispose]();
  }
}
