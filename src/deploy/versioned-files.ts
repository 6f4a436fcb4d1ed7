import type { GeneratedFile } from '../base/package-files.ts';

const TAG = /\b(anthropic-work-exporter:)\d[\w.+-]*/g;
const PACKED = /\b(anthropic-work-exporter-)\d[\w.+-]*?(?=\.tgz\b)/g;

/** Files below deploy/ that name the version of the package, with what stands before it. */
const PLACES: Readonly<Record<string, RegExp>> = {
  'deploy/compose/compose.yaml': TAG,
  'deploy/helm/anthropic-work-exporter/Chart.yaml': /^((?:appV|v)ersion: ).*/gm,
  'deploy/helm/anthropic-work-exporter/README.md': PACKED,
  'deploy/kustomize/base/kustomization.yaml': /(newTag: ).*/g,
  'deploy/kustomize/sidecar/sidecar.yaml': TAG,
  'deploy/systemd/README.md': PACKED,
};

/**
 * Those files with this version in place of the one that they name, and otherwise as they are.
 * @param read the text of a file, by its path from the root of the repository
 */
export function versionedFiles(version: string, read: (path: string) => string): readonly GeneratedFile[] {
  return Object.entries(PLACES).map(([path, place]) => ({
    path,
    text: read(path).replaceAll(place, (_, before: string) => before + version),
  }));
}
