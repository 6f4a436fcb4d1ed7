/** What the process may use, in bytes. */
export interface MemoryLimits {
  /** V8's own limit. In a small container it may be larger than the container. */
  readonly heapBytes: number;
  /** That of the container; 0 or a very large number without one. */
  readonly containerBytes: number;
}

/** What the heap may take. Half of a container is for all that is not the heap. */
export function usableBytes({ heapBytes, containerBytes }: MemoryLimits): number {
  return containerBytes > 0 ? Math.min(heapBytes, containerBytes / 2) : heapBytes;
}
