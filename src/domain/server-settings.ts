import type { Secret } from '../base/secret.ts';

/** How the exporter's HTTP server is reached, and what it may show. */
export interface ServerSettings {
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  /** The names in `Host` that are answered, besides addresses and what `host` names; empty: any. */
  readonly hosts: readonly string[];
  /** From `web_config_file`. Whether to use TLS is decided when the server is created. */
  readonly web: WebSecurity;
  /** Who may change the process over HTTP. */
  readonly lifecycle: 'loopback' | 'anyone' | 'off';
  /** The address of Grafana without a trailing slash; null: no links to boards. */
  readonly dashboardBaseUrl: string | null;
  /** Whether ids of work items are shown. */
  readonly itemIds: boolean;
}

/** When a client must present a certificate, in the words of Go's `crypto/tls`. */
export const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
export type ClientAuthType = (typeof CLIENT_AUTH_TYPES)[number];

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** How the server speaks TLS; the PEM texts have been read from their files. */
export interface TlsSettings {
  readonly cert: string;
  readonly key: Secret;
  /** Null: the authorities that the system trusts. */
  readonly clientCa: string | null;
  readonly clientAuth: ClientAuthType;
  /** One of these must be a name in the client's certificate; null: any. */
  readonly clientAllowedSans: readonly string[] | null;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** OpenSSL's names, in order of preference; empty: Node's choice. Says nothing about TLS 1.3. */
  readonly ciphers: readonly string[];
  readonly preferServerCiphers: boolean;
  /** OpenSSL's names, in order of preference; empty: Node's choice. */
  readonly curves: readonly string[];
}

/** Who may read the server's answers, and how often. */
export interface WebSecurity {
  /** Null: plain HTTP. */
  readonly tls: TlsSettings | null;
  /** Who may log in; if empty, no login is needed. `hash` is bcrypt's. */
  readonly users: readonly { readonly name: string; readonly hash: Secret }[];
  /** Headers added to every answer. An empty text removes the header that the exporter would send. */
  readonly headers: Readonly<Record<string, string>>;
  /** One token every `intervalMs`, `burst` at most; null: no limit. */
  readonly rateLimit: { readonly intervalMs: number; readonly burst: number } | null;
}

/** What applies without a web configuration file. */
export const NO_WEB_SECURITY: WebSecurity = { tls: null, users: [], headers: {}, rateLimit: null };

/** The address of a board in the Grafana at `base`; with an environment, the board opens with its id selected. */
export function boardUrl(base: string, board: string, environment: string | null): string {
  const url = `${base}/d/anthropic-work-${board}`;
  return environment === null ? url : `${url}?var-environment=${environment}`;
}
