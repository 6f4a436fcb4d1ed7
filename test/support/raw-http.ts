import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** Sends bytes as they are and reads until the server ends the connection. */
export async function rawAnswer(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}
