import { request } from 'undici';
import { serverDeps } from '../support/http-server.ts';
import { buildState } from '../support/states.ts';

export const TWO = serverDeps([buildState('env_1'), buildState('env_2')]);

export async function ask(url: string, options: Parameters<typeof request>[1] = {}) {
  const { statusCode, headers, body } = await request(url, options);
  return { status: statusCode, headers, text: await body.text() };
}
