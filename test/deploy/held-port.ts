import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * A port on loopback for a program that cannot be asked which one it took, but that shares one (SO_REUSEPORT). Until it
 * listens, the port is held here: one that is looked for and let go may be taken by another program meanwhile.
 */
export class HeldPort implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async take(): Promise<HeldPort> {
    const server = createServer((socket) => socket.destroy());
    server.listen({ port: 0, host: '127.0.0.1', reusePort: true });
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new HeldPort(server, address.port);
  }

  /** Now all connections reach the program. */
  async release(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }
}
