import { readFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname, join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.html': 'text/html',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
};

const FONTS: Readonly<Record<string, string>> = {
  'Inter-Regular.woff2': 'inter-latin-400-normal.woff2',
  'Inter-Medium.woff2': 'inter-latin-500-normal.woff2',
};

const NO_ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"></svg>';

export interface PageServerOptions {
  /** The folder of this tool. */
  readonly folder: string;
  readonly boards: string;
  /** Where `/prom/…` goes. */
  readonly prometheus: string;
}

/** Serves the page, Grafana's icons and fonts, the boards, and Prometheus under one origin, on loopback. */
export class PageServer {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(options: PageServerOptions): Promise<PageServer> {
    const server = createServer(async (incoming, outgoing) => {
      const { pathname } = new URL(incoming.url!, 'http://page');
      if (pathname.startsWith('/prom/')) {
        const forwarded = request(
          options.prometheus + incoming.url!.slice('/prom'.length),
          { method: incoming.method, headers: incoming.headers },
          (answer) => {
            outgoing.writeHead(answer.statusCode!, answer.headers);
            answer.pipe(outgoing);
          },
        );
        forwarded.on('error', () => outgoing.writeHead(502).end());
        incoming.pipe(forwarded);
        return;
      }
      const file = fileOf(pathname, options);
      const content = await readFile(file).catch(() => null);
      // Some icons that the components name are not in their package.
      if (content === null && extname(file) === '.svg')
        return void outgoing.writeHead(200, { 'content-type': TYPES['.svg'] }).end(NO_ICON);
      if (content === null) return void outgoing.writeHead(404).end();
      outgoing.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(content);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PageServer(server);
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

function fileOf(pathname: string, { folder, boards }: PageServerOptions): string {
  const modules = join(folder, 'node_modules');
  if (pathname === '/') return join(folder, 'index.html');
  if (pathname.startsWith('/boards/')) return join(boards, basename(pathname));
  if (pathname.includes('/img/icons/'))
    return join(modules, '@grafana/ui/dist/public', pathname.slice(pathname.indexOf('img/icons/')));
  const font = FONTS[basename(pathname)];
  if (font !== undefined) return join(modules, '@fontsource/inter/files', font);
  return join(folder, 'dist', pathname);
}
