import type { WorkApi } from '../../src/client/work-api.ts';
import type { WorkItem } from '../../src/domain/work.ts';

interface Watch {
  /** The environment's id at the service, whatever the reader calls it. */
  readonly environmentId: string;
  /** Called before each request for items. */
  before(): Promise<void>;
  /** Called with what an answer showed, at the moment when it was served. */
  served(items: readonly WorkItem[]): void;
}

/** The port, watched by somebody who keeps every row and may do something before it is asked for. */
export function watched(api: WorkApi, { environmentId, before, served }: Watch): WorkApi {
  return {
    stats: (_, options) => api.stats(environmentId, options),
    session: (_, id, options) => api.session(environmentId, id, options),
    lastIdleEvent: (_, id, options) => api.lastIdleEvent(environmentId, id, options),
    listEnvironments: (page, options) => api.listEnvironments(page, options),
    credentialFor: (operation) => api.credentialFor(operation, environmentId),
    async listPage(_, page, options) {
      await before();
      const reply = await api.listPage(environmentId, page, options);
      served(reply.value.items);
      return reply;
    },
    async retrieve(_, workId, options) {
      await before();
      const reply = await api.retrieve(environmentId, workId, options);
      served([reply.value]);
      return reply;
    },
  };
}
