import { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { hostName } from '../access/host-name.ts';
import { jsonText } from '../http/answer-json.ts';
import { address } from '../http/listen-error.ts';
import { sendBlocks } from '../http/send-blocks.ts';
import type { ServerDeps } from '../http/server-deps.ts';

/** `GET /api/v1/sd`: what Prometheus's HTTP service discovery needs to probe every environment. */
export function sdRoute<Format>(app: FastifyInstance, { states, shard }: ServerDeps<Format>): void {
  app.get('/api/v1/sd', (request, reply) => {
    const groups = states.all().map((state) => targetGroup(state, { ...addressOf(request), shard }));
    // Prometheus accepts no charset here.
    return sendBlocks(request, reply.header('content-type', 'application/json'), [Buffer.from(jsonText(groups))]);
  });
}

interface Address {
  /** `HOST:PORT`, the address at which the caller reaches this process. */
  readonly target: string;
  readonly scheme: 'http' | 'https';
}

function targetGroup(
  { environment }: EnvironmentState,
  { target, scheme, shard }: Address & Pick<ServerDeps, 'shard'>,
) {
  const { id, name, connection, labels } = environment;
  const meta = Object.entries(labels).map(([key, value]) => [`__meta_anthropic_work_label_${key}`, value]);
  return {
    targets: [target],
    labels: {
      __scheme__: scheme,
      __metrics_path__: '/probe',
      __param_environment_id: id,
      // A different one for each, because the address is the same for all.
      instance: id,
      __meta_anthropic_work_environment_id: id,
      __meta_anthropic_work_environment_name: name,
      __meta_anthropic_work_connection: connection,
      __meta_anthropic_work_shard: shard,
      ...Object.fromEntries(meta),
    },
  };
}

function addressOf({ headers, socket }: FastifyRequest): Address {
  const tls = socket instanceof TLSSocket;
  const { localAddress = 'localhost', localPort } = socket;
  const own = address(localAddress, localPort!);
  const asked = hostName(headers.host) === null ? own : headers.host!;
  const target = /:\d+$/.test(asked) ? asked : `${asked.replace(/:$/, '')}:${tls ? 443 : 80}`;
  return { target, scheme: tls ? 'https' : 'http' };
}
