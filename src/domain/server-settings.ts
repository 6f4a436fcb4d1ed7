import type { WebSecurity } from './web-security.ts';

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
