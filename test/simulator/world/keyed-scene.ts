import type { ProviderName } from '../../../src/wire/presets.ts';
import { call, testSimulator } from '../support/simulators.ts';

export type Key = 'api' | 'environment' | 'other' | 'sessions' | 'none' | 'garbage';

/** A simulator with one active item, and its keys; the sessions token is the item's own. */
export async function scene(preset: ProviderName = 'anthropic', switches = {}) {
  const simulator = await testSimulator({ preset, switches });
  const prefix = preset === 'qoder' ? '/api/v1/cloud' : '/v1';
  const work = `${prefix}/environments/${simulator.prod.id}/work`;
  const id = simulator.enqueue(simulator.prod.id);
  const worker = preset === 'anthropic' || preset === 'opensdlc' ? simulator.prod.environmentKey : simulator.apiKey;
  const polled = await call(simulator, worker, `${work}/poll`, { headers: WORKSPACE });
  const secret = polled.body.secret as string | null | undefined;
  const token = secret ? JSON.parse(Buffer.from(secret, 'base64url').toString()).sessions_token : 'none';
  await call(simulator, worker, `${work}/${id}/ack`, { method: 'POST', headers: WORKSPACE });
  const keys: Record<Key, string> = {
    api: simulator.apiKey,
    environment: simulator.prod.environmentKey,
    other: simulator.environments[1]!.environmentKey,
    sessions: token,
    garbage: 'sk-ant-garbage',
    none: '',
  };
  const paths: Record<string, readonly [method: string, path: string]> = {
    environments: ['GET', `${prefix}/environments`],
    environment: ['GET', `${prefix}/environments/${simulator.prod.id}`],
    create_environment: ['POST', `${prefix}/environments`],
    archive_environment: ['POST', `${prefix}/environments/${simulator.prod.id}/archive`],
    delete_environment: ['DELETE', `${prefix}/environments/${simulator.prod.id}`],
    list: ['GET', work],
    stats: ['GET', `${work}/stats`],
    retrieve: ['GET', `${work}/${id}`],
    update: ['POST', `${work}/${id}`],
    poll: ['GET', `${work}/poll`],
    ack: ['POST', `${work}/${id}/ack`],
    heartbeat: ['POST', `${work}/${id}/heartbeat`],
    stop: ['POST', `${work}/${id}/stop`],
    session: ['GET', `${prefix}/sessions/${id}`],
    session_events: ['GET', `${prefix}/sessions/${id}/events`],
  };
  const ask = async (endpoint: string, key: Key) => {
    const [method, path] = paths[endpoint]!;
    const body = BODIES[endpoint];
    const headers = { ...WORKSPACE, ...(key === 'none' ? { authorization: '' } : {}) };
    return call(simulator, keys[key], path, { method, body, headers });
  };
  return { simulator, ask };
}

const BODIES: Readonly<Record<string, unknown>> = {
  update: { metadata: {} },
  create_environment: { name: 'new' },
};
const WORKSPACE = { 'anthropic-workspace-id': 'wrkspc_test' };
