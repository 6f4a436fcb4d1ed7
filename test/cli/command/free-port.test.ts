import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { onFreePort } from '../../../src/cli/command/free-port.ts';
import { ListenError } from '../../../src/server/http/listen-error.ts';
import { listen } from '../../client/test-server.ts';

const HOST = '127.0.0.1';
const failure = (code: string) => Object.assign(new Error(code), { code });

/** A port that a server holds. */
async function takenPort() {
  const server = createServer();
  const port = await listen(server);
  return { port, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

/** Listens as told by what each try does; the ports that were tried. */
function tries(...outcomes: readonly (Error | null)[]) {
  const ports: number[] = [];
  const tried = async (port: number) => {
    const outcome = outcomes[ports.push(port) - 1] ?? null;
    if (outcome !== null) throw outcome;
    return port;
  };
  return { ports, tried };
}

describe('onFreePort', () => {
  it('passes over a port that is taken', async () => {
    await using taken = await takenPort();
    const { tried } = tries();
    expect(await onFreePort(HOST, taken.port, tried)).toBeGreaterThan(taken.port);
  });

  it.each([
    ['as the system says it', failure('EADDRINUSE')],
    ['as the exporter says it', new ListenError(HOST, 9877, failure('EADDRINUSE'))],
  ])('goes on from one that is taken just before its turn, %s', async (_, error) => {
    await using taken = await takenPort();
    const { ports, tried } = tries(error, error);
    expect(await onFreePort(HOST, taken.port, tried)).toBe(ports[2]);
    expect(ports).toEqual([...ports].toSorted((a, b) => a - b));
    expect(new Set(ports).size).toBe(3);
  });

  it('does not try again what fails for another reason', async () => {
    const { ports, tried } = tries(failure('ENOMEM'));
    await expect(onFreePort(HOST, 0, tried)).rejects.toThrow('ENOMEM');
    expect(ports).toHaveLength(1);
  });

  it('gives up with what is wrong with the last one', async () => {
    const always = Array.from({ length: 50 }, () => failure('EADDRINUSE'));
    const { ports, tried } = tries(...always);
    const error = await onFreePort(HOST, 20_000, tried).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ListenError);
    expect(String(error)).toContain('taken by another process');
    expect(ports.length).toBeGreaterThan(0);
  });

  it('says why there is no port at all', async () => {
    await expect(onFreePort('256.0.0.1', 65_535, tries().tried)).rejects.toBeInstanceOf(ListenError);
  });
});
