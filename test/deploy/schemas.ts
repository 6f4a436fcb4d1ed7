import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { strictSchema } from './strict-schema.ts';

/** Go modules that hold the schemas of the objects that we ship, and their checksums. */
const MODULES = [
  {
    module: 'k8s.io/kubernetes',
    version: 'v1.34.2',
    sum: 'h1:WQdDvYJazkmkwSncgNwGvVtaCt4TYXIU3wSMRgvp3MI=',
    folder: 'api/openapi-spec',
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: 'v0.85.0',
    sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
    folder: 'example/prometheus-operator-crd',
  },
  {
    module: 'github.com/kedacore/keda/v2',
    version: 'v2.21.0',
    sum: 'h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=',
    folder: 'config/crd/bases',
  },
  {
    module: 'github.com/compose-spec/compose-go/v2',
    version: 'v2.16.2',
    sum: 'h1:pTp1DqQwJzFd85GzlWsSszKA1ABrV/ySqsClujIcWA8=',
    folder: 'schema',
  },
] as const;

type JsonObject = { [key: string]: unknown };

interface Swagger {
  readonly definitions: Readonly<Record<string, JsonObject>>;
}

interface CustomResource {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: JsonObject } }[];
  };
}

/** The folder of a module's files that hold schemas, in Go's own cache. Throws when it is not what was pinned. */
export function schemaSources(name: (typeof MODULES)[number]['module']): string {
  const { module, version, sum, folder } = MODULES.find((one) => one.module === name)!;
  const { error, stdout, stderr, status } = spawnSync('go', ['mod', 'download', '-json', `${module}@${version}`], {
    cwd: tmpdir(),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${module} ${version} was not downloaded: ${error?.message ?? stdout + stderr}`);
  const { Dir, Sum } = JSON.parse(stdout) as { Dir: string; Sum: string };
  if (Sum !== sum) throw new Error(`${module} ${version} has the checksum ${Sum}, and not ${sum}`);
  return join(Dir, folder);
}

/** A folder of strict JSON Schemas, one a kind, for `kubeconform -schema-location`. */
export interface Schemas extends Disposable {
  readonly location: string;
}

/** Writes the schemas of all kinds of Kubernetes, the Prometheus Operator and KEDA. */
export function writeSchemas(): Schemas {
  const folder = mkdtempSync(join(tmpdir(), 'schemas-'));
  // As kubeconform fills in a location.
  const write = (group: string, version: string, kind: string, schema: unknown) =>
    writeFileSync(
      join(folder, `${group === '' ? version : group}_${version}_${kind.toLowerCase()}.json`),
      JSON.stringify(schema),
    );
  const swagger = JSON.parse(readFileSync(join(schemaSources('k8s.io/kubernetes'), 'swagger.json'), 'utf8')) as Swagger;
  const definitions = strictSchema(swagger.definitions) as JsonObject;
  for (const [name, definition] of Object.entries(swagger.definitions)) {
    const kinds = (definition['x-kubernetes-group-version-kind'] ?? []) as { [key: string]: string }[];
    for (const { group, version, kind } of kinds)
      if (SHIPPED.test(kind!))
        write(group!, version!, kind!, { $ref: `#/definitions/${name}`, definitions: needed(name, definitions) });
  }
  for (const module of ['github.com/prometheus-operator/prometheus-operator', 'github.com/kedacore/keda/v2'] as const) {
    const sources = schemaSources(module);
    for (const file of readdirSync(sources).filter((name) => name.includes('_'))) {
      const { spec } = parse(readFileSync(join(sources, file), 'utf8')) as CustomResource;
      for (const { name, schema } of spec.versions)
        write(spec.group, name, spec.names.kind, strictSchema(schema.openAPIV3Schema));
    }
  }
  const location = join(folder, '{{.Group}}_{{.ResourceAPIVersion}}_{{.ResourceKind}}.json');
  return { location, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

/** The definitions that one of them refers to, directly or not, and itself. */
function needed(name: string, all: JsonObject, found: JsonObject = {}): JsonObject {
  if (Object.hasOwn(found, name)) return found;
  found[name] = all[name];
  for (const [, next] of JSON.stringify(all[name]).matchAll(/"#\/definitions\/([^"]+)"/g)) needed(next!, all, found);
  return found;
}

/** Kinds of Kubernetes itself that charts and overlays may hold: all would be many megabytes. */
const SHIPPED =
  /^(?:ConfigMap|Deployment|HorizontalPodAutoscaler|Namespace|NetworkPolicy|PersistentVolumeClaim|Pod|PodDisruptionBudget|Secret|Service|ServiceAccount|StatefulSet)$/;
