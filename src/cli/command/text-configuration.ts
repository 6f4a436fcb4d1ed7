import type { FileReader } from '../../base/files.ts';
import type { ConfigFlags } from '../../config/file/overrides.ts';
import { type LoadResult, loadConfig } from '../../config/load/load-config.ts';

/** Loads a configuration that this program wrote itself; `origin` says in words where it comes from. */
export function loadText(origin: string, yaml: string, flags: ConfigFlags): () => Promise<LoadResult> {
  const files: FileReader = {
    readFile: () => Buffer.from(yaml),
    readdir: () => [],
  };
  return async () => {
    const loaded = await loadConfig({ path: origin, env: {}, flags, files, origin });
    // There is no file to watch.
    return loaded.ok ? { ...loaded, config: { ...loaded.config, files: [] } } : loaded;
  };
}
