import type { JsonSchema } from '../config/load/configuration-schema.ts';
import { ALERT_NAMES } from '../rules/alert-names.ts';
import { allThere, told } from './told.ts';

/** A Kubernetes object that only Kubernetes can validate. */
const anything: JsonSchema = { type: 'object' };
const objects: JsonSchema = { type: 'array', items: anything };
const text: JsonSchema = { type: 'string' };
const flag: JsonSchema = { type: 'boolean' };
const texts: JsonSchema = { type: 'object', additionalProperties: text };
/** A text, with what Helm says of another one. */
const like = (pattern: string, wanted: string): JsonSchema => ({ type: 'string', ...told({ pattern }, wanted) });

/** A duration of Prometheus, not zero. */
const interval = like('^[1-9][0-9]*(ms|s|m)$', 'a duration in one unit, ms, s or m; for example 30s');
const address = like(
  '^(https?://[^\\s"\\\\{}$?#@]+)?$',
  'an address without login, query and fragment; for example https://grafana.example.com',
);
/** The name of a Kubernetes object: a DNS subdomain. */
const NAME = '[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?';
const A_NAME = 'the name of a Kubernetes object: small letters, digits, - and .';
const name = like(`^${NAME}$`, A_NAME);
const nameOrEmpty = like(`^(${NAME})?$`, A_NAME);
/** A part of such a name, and the whole name of a Service: a DNS label, which begins with a letter. */
const LABEL = 'at most 63 small letters, digits and -';
const partOrEmpty = like('^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$', LABEL);
const labelOrEmpty = like('^([a-z]([a-z0-9-]{0,61}[a-z0-9])?)?$', `${LABEL}, a letter first`);
const port: JsonSchema = { type: 'integer', minimum: 1, maximum: 65_535 };
const seconds: JsonSchema = { type: 'integer', minimum: 1 };

/**
 * A map with known keys only, so that a misspelt one is reported.
 * @param needed which of them the templates cannot do without
 */
const section = (properties: JsonSchema, ...needed: readonly string[]): JsonSchema => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...allThere(needed),
});

/** Of objects that Kubernetes validates, what names them. */
const named = (...required: readonly string[]): JsonSchema => ({ type: 'array', items: { type: 'object', required } });

const probe = section({
  initialDelaySeconds: { type: 'integer', minimum: 0 },
  periodSeconds: seconds,
  timeoutSeconds: seconds,
  failureThreshold: seconds,
  successThreshold: seconds,
});

/** The values that the templates cannot do without. An empty one takes its default away, as Helm has it. */
export const NEEDED_VALUES: readonly string[] = [
  'commonLabels',
  'config',
  'dashboards',
  'image',
  'links',
  'networkPolicy',
  'persistence',
  'podDisruptionBudget',
  'prometheusRule',
  'replicas',
  'scheme',
  'service',
  'serviceAccount',
  'serviceMonitor',
  'terminationGracePeriodSeconds',
];

/** The schema of every value of the chart but `config`, by name. */
export const CHART_VALUES: JsonSchema = {
  // What Helm itself adds, for charts that contain this one.
  global: anything,
  nameOverride: partOrEmpty,
  fullnameOverride: labelOrEmpty,
  image: section(
    {
      repository: like(
        '^[a-z0-9]+([._:/-]+[a-z0-9]+)*$',
        'where the image lies, in small letters and without its tag; for example ghcr.io/corp/anthropic-work-exporter',
      ),
      tag: like('^([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$', 'a tag, or nothing for the version of the chart'),
      digest: like('^(sha256:[0-9a-f]{64})?$', 'sha256: and 64 hexadecimal digits'),
      pullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
    },
    'repository',
    'pullPolicy',
  ),
  imagePullSecrets: { type: 'array', items: section({ name }, 'name') },
  existingSecrets: { type: 'array', items: name, uniqueItems: true },
  // It is inserted between quotes into the expressions of the rules.
  job: like('^[A-Za-z0-9_./-]{0,253}$', 'the name of a scrape job: letters, digits, _, ., / and -'),
  replicas: { type: 'integer', minimum: 0, maximum: 10 },
  shards: { type: 'integer', minimum: 1, maximum: 100 },
  persistence: section(
    {
      enabled: flag,
      existingClaim: nameOrEmpty,
      storageClass: text,
      size: like('^[0-9]+(Ki|Mi|Gi|Ti|k|M|G|T)?$', 'a size; for example 64Mi'),
      annotations: texts,
    },
    'size',
  ),
  service: section(
    {
      type: { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
      port,
      annotations: texts,
      labels: texts,
    },
    'port',
    'type',
  ),
  scheme: { enum: ['HTTP', 'HTTPS'] },
  serviceMonitor: section(
    {
      enabled: flag,
      labels: texts,
      annotations: texts,
      interval,
      scrapeTimeout: interval,
      tlsConfig: anything,
      basicAuth: anything,
      relabelings: objects,
      metricRelabelings: objects,
    },
    'interval',
    'scrapeTimeout',
  ),
  prometheusRule: section({
    enabled: flag,
    labels: texts,
    annotations: texts,
    disabledAlerts: { type: 'array', items: { enum: [...ALERT_NAMES] }, uniqueItems: true },
  }),
  links: section({ runbookBaseUrl: address, dashboardBaseUrl: address }),
  dashboards: section({ enabled: flag, labels: texts, annotations: texts, namespace: nameOrEmpty }),
  networkPolicy: section(
    {
      enabled: flag,
      ingressFrom: objects,
      egressTo: objects,
      dnsPorts: { type: 'array', items: port, uniqueItems: true },
      egressPorts: { type: 'array', items: port, uniqueItems: true },
    },
    'dnsPorts',
    'egressPorts',
  ),
  podDisruptionBudget: section({ enabled: flag }),
  serviceAccount: section({ create: flag, name: nameOrEmpty, annotations: texts }),
  podAnnotations: texts,
  podLabels: texts,
  commonLabels: texts,
  podSecurityContext: anything,
  securityContext: anything,
  resources: section({ requests: anything, limits: anything, claims: objects }),
  livenessProbe: probe,
  readinessProbe: probe,
  terminationGracePeriodSeconds: { type: 'integer', minimum: 0 },
  priorityClassName: text,
  nodeSelector: texts,
  tolerations: objects,
  affinity: anything,
  topologySpreadConstraints: objects,
  extraEnv: named('name'),
  extraEnvFrom: objects,
  extraVolumes: named('name'),
  extraVolumeMounts: named('name', 'mountPath'),
  extraContainers: named('name'),
  extraObjects: { type: 'array', items: { type: ['object', 'string'] } },
};
