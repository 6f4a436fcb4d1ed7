import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** What arrived, by where it was sent. */
export interface Received {
  readonly to: 'slack' | 'pagerduty' | 'mail';
  readonly text: string;
}

/** Slack, PagerDuty and a mail server on loopback, which keep what Alertmanager sends them. */
export class Receivers implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #mail = createTcpServer((socket) => this.#takeMail(socket));
  readonly #http = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      this.received.push({ to: request.url === '/slack' ? 'slack' : 'pagerduty', text });
      response.statusCode = request.url === '/slack' ? 200 : 202;
      response.end('ok');
    });
  });

  /** Listens, and returns what Alertmanager needs under `global` to reach it. */
  async listen(): Promise<Readonly<Record<string, string | boolean>>> {
    const [web, mail] = await Promise.all([portOf(this.#http), portOf(this.#mail)]);
    return {
      slack_api_url: `http://127.0.0.1:${web}/slack`,
      pagerduty_url: `http://127.0.0.1:${web}/pagerduty`,
      smtp_smarthost: `127.0.0.1:${mail}`,
      smtp_from: 'alertmanager@mail.test',
      smtp_require_tls: false,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections();
    await Promise.all([this.#http, this.#mail].map((server) => new Promise((closed) => server.close(closed))));
  }

  /** As much of RFC 5321 as it takes to be sent a mail. */
  #takeMail(socket: Socket): void {
    let mail: string[] | null = null;
    const say = (line: string) => void socket.write(`${line}\r\n`);
    say('220 mail.test');
    socket.on('error', () => socket.destroy());
    const lines = createInterface({ input: socket });
    // It tells an error of its input again: a mail that is broken off, as by a killed Alertmanager, ends nothing else.
    lines.on('error', () => {});
    lines.on('line', (line) => {
      if (mail !== null) {
        if (line !== '.') return void mail.push(line);
        this.received.push({ to: 'mail', text: mail.join('\n') });
        mail = null;
        return say('250 taken');
      }
      if (/^DATA/i.test(line)) {
        mail = [];
        return say('354 go on');
      }
      say(/^QUIT/i.test(line) ? '221 bye' : '250 yes');
      if (/^QUIT/i.test(line)) socket.end();
    });
  }
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return (server.address() as AddressInfo).port;
}
