import { Agent, request } from 'undici';
import { expect } from 'vitest';
import { nodeFiles } from '../../src/base/files.ts';
import { loadWebConfig } from '../../src/config/web.ts';
import type { WebSecurity } from '../../src/domain/server-settings.ts';
import { serverDeps, startServer } from '../support/http-server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { type Pair, Pki } from '../support/pki.ts';
import { buildState, NOW } from '../support/states.ts';

export const PASSWORD = 'secret-canary-password';
export const PROTECTED = ['/', '/metrics', '/api/v1/environments', '/api/v1/environments/env_1', '/nothing'];
export const OPEN = ['/-/healthy', '/-/ready'];
export const TLS = 'tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n';

export const login = (name: string, password: string) => ({
  headers: { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` },
});

/** The cheapest hash of `PASSWORD`, as htpasswd writes it. */
export async function passwordHash(): Promise<string> {
  const { hashSync } = await import('bcrypt');
  return hashSync(PASSWORD, 4).replace('$2b$', '$2y$');
}

interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly pair?: Pair;
}

/** Servers under web configuration files, with the certificates that these name. */
export class GuardedServers implements Disposable {
  readonly pki = new Pki();
  /** A certificate that the servers' authority has signed. */
  readonly client: Pair;

  constructor() {
    this.pki.server();
    this.client = this.pki.client('client', 'DNS:prometheus,URI:spiffe://cluster/prometheus');
  }

  /** A server whose web configuration file can be replaced while it runs; its metrics wait for `held`. */
  async start(text: string, held = () => Promise.resolve()) {
    const clock = new ManualClock(NOW);
    const deps = serverDeps([buildState('env_1')], { clock });
    const render = async (format: 'text') => {
      await held();
      return await deps.metrics.render(format);
    };
    const metrics = { ...deps.metrics, negotiate: () => 'text' as const, render };
    const config = { ...deps.config, web: await this.#security(text) };
    const server = await startServer({ ...deps, metrics, config });
    const replace = async (other: string) => {
      Object.assign(config, { web: await this.#security(other) });
      server.applyTlsSettings();
    };
    return { ...server, clock, replace };
  }

  /** One connection, for one request after the other. */
  connection({ cert, key }: Partial<Pair>): Agent {
    return new Agent({ connections: 1, connect: { ca: this.pki.ca.cert, ...(cert && key && { cert, key }) } });
  }

  async ask(url: string, { headers = {}, pair }: AskOptions = {}) {
    const dispatcher = this.connection(pair ?? {});
    try {
      const { statusCode, headers: answered, body } = await request(url, { headers, dispatcher });
      return { status: statusCode, headers: answered, text: await body.text() };
    } finally {
      await dispatcher.destroy();
    }
  }

  [Symbol.dispose]() {
    this.pki[Symbol.dispose]();
  }

  async #security(text: string): Promise<WebSecurity> {
    const { security, problems } = await loadWebConfig(this.pki.write('web.yml', text), {
      files: nodeFiles,
      read: new Set(),
    });
    expect(problems).toEqual([]);
    return security;
  }
}
