import type { Variables } from './interpolate.ts';
import { eachOption, pathText } from './option-tree.ts';
import { outsideFiles } from './problem.ts';
import type { Source, Tree } from './sources.ts';

/** Command-line flags, named in camel case. */
export interface ConfigFlags {
  readonly listen?: string | undefined;
  readonly shard?: string | undefined;
  readonly logLevel?: string | undefined;
  readonly logFormat?: string | undefined;
}

/** A source with flags and `ANTHROPIC_WORK_EXPORTER_*` applied; problems with their values name them. */
export function withOverrides(source: Source, env: Variables, flags: ConfigFlags): Source {
  const tree: Tree = { ...source.tree };
  const names = new Map<string, string>();
  eachOption((path, option) => {
    const variable = option.env?.counts === 'always' ? option.env.name : null;
    const flag = option.flag === null ? undefined : flagValue(option.flag, flags);
    const fromVariable = variable === null || env[variable] === '' ? undefined : env[variable];
    const value = flag ?? fromVariable;
    if (value === undefined) return;
    const [section, key] = path.split('.') as [string, string?];
    names.set(path, flag === undefined ? variable! : option.flag!);
    if (key === undefined) {
      tree[section] = value;
      return;
    }
    const below = tree[section];
    // A section that is not a map stays, so that it is reported as an error.
    if (isSection(below)) tree[section] = { ...below, [key]: value };
  });
  return {
    ...source,
    tree,
    locate: (path, what) => {
      const name = names.get(pathText(path));
      return name === undefined ? source.locate(path, what) : outsideFiles(name);
    },
  };
}

function isSection(value: unknown): value is Tree | null | undefined {
  return value === null || value === undefined || (typeof value === 'object' && !Array.isArray(value));
}

function flagValue(flag: string, flags: ConfigFlags): string | undefined {
  const name = flag.replace(/^--/, '').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return flags[name as keyof ConfigFlags];
}
