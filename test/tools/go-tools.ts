/** A program that comes as a Go module: its version is pinned in `test/tools/FOLDER/go.mod`. */
export interface GoTool {
  /** What tests call it, and its file in the cache. */
  readonly name: string;
  /** The folder of its `go.mod`, beside this file. Programs whose modules agree on what they need share one. */
  readonly folder: string;
  readonly module: string;
  /** Where `main` is in the module; absent where it is in the folder itself, a program of ours over that module. */
  readonly main?: string;
  readonly flags?: readonly string[];
  /** Tests wait for what it computes, and not only for it to start. */
  readonly isFast?: boolean;
  /** Packages that take most of its time, where all of it is started too often to be slow and takes too long to build fast. */
  readonly fastParts?: readonly string[];
  /** The linker variable that upstream's own build fills, with the version that belongs to the module's. */
  readonly version?: { readonly variable: string; of(moduleVersion: string): string };
}

const KUBERNETES: Pick<GoTool, 'folder' | 'module' | 'version'> = {
  folder: 'kubernetes',
  module: 'k8s.io/kubernetes',
  version: { variable: 'k8s.io/component-base/version.gitVersion', of: (version) => version },
};

const PROMETHEUS: Pick<GoTool, 'folder' | 'module' | 'flags' | 'isFast' | 'version'> = {
  folder: 'prometheus',
  isFast: true,
  module: 'github.com/prometheus/prometheus',
  // Without service discovery, which upstream documents as a way to a small program: it halves the time to build.
  flags: ['-tags=remove_all_sd'],
  // Prometheus 3.16.0 is the module's v0.316.0.
  version: {
    variable: 'github.com/prometheus/common/version.Version',
    of: (version) => version.replace(/^v0\.(\d)0?(\d+)\./, '$1.$2.'),
  },
};

/** In the order in which they are built. */
export const GO_TOOLS = [
  { name: 'prometheus-3', main: 'cmd/prometheus', ...PROMETHEUS },
  { name: 'promtool-3', main: 'cmd/promtool', ...PROMETHEUS },
  {
    name: 'helm',
    folder: 'manifests',
    module: 'helm.sh/helm/v4',
    main: 'cmd/helm',
    // It reads the schema of the chart's values with these; some hundred starts take half as long.
    fastParts: ['std', 'github.com/santhosh-tekuri/jsonschema/v6/...'],
    version: { variable: 'helm.sh/helm/v4/internal/version.version', of: (version) => version },
  },
  { name: 'kustomize', folder: 'manifests', module: 'sigs.k8s.io/kustomize/kustomize/v5', main: '.' },
  { name: 'jsonnet', folder: 'manifests', module: 'github.com/google/go-jsonnet', main: 'cmd/jsonnet' },
  { name: 'kube-apiserver', main: 'cmd/kube-apiserver', ...KUBERNETES },
  { name: 'kubectl', main: 'cmd/kubectl', ...KUBERNETES },
  { name: 'etcd', folder: 'kubernetes', module: 'go.etcd.io/etcd/server/v3', main: '.' },
  { name: 'go-sdk', folder: 'sdk', module: 'github.com/anthropics/anthropic-sdk-go' },
] as const satisfies readonly GoTool[];

export type GoToolName = (typeof GO_TOOLS)[number]['name'];

/** What the benches compare the exporter with in Go; built where `npm run bench` asks for it. */
export const BENCH_PEERS: GoTool = {
  name: 'peers',
  folder: '../../bench/peers',
  module: 'github.com/prometheus/client_golang',
  isFast: true,
};
