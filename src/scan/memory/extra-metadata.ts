import { metadataBytes } from '../../domain/item-bytes.ts';
import type { WorkItem } from '../../domain/work.ts';

/** The room of any item includes this much metadata: ten values of 50 characters. */
const INCLUDED_METADATA_BYTES = 1536;

/** How many bytes the metadata of an item takes beyond those that the room of any item includes. */
export function extraMetadataBytes({ metadata }: Pick<WorkItem, 'metadata'>): number {
  return Math.max(0, metadataBytes(metadata) - INCLUDED_METADATA_BYTES);
}

/** The same item with other metadata. Spelled out, because the fields of an item may be getters, which a spread leaves out. */
export function withMetadata(item: WorkItem, metadata: WorkItem['metadata']): WorkItem {
  return {
    id: item.id,
    type: item.type,
    sessionId: item.sessionId,
    state: item.state,
    metadata,
    createdAt: item.createdAt,
    acknowledgedAt: item.acknowledgedAt,
    startedAt: item.startedAt,
    latestHeartbeatAt: item.latestHeartbeatAt,
    stopRequestedAt: item.stopRequestedAt,
    stoppedAt: item.stoppedAt,
  };
}
