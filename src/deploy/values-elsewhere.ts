import type { JsonSchema } from '../config/load/configuration-schema.ts';
import { explained } from './explained.ts';

/** A value of other charts that this one never accepts, with what to use instead. */
const left = (instead: string): JsonSchema => explained({ not: {} }, `left out: ${instead}`);
const here = (place: string) => left(`here it is ${place}`);

/** Labels by which a Prometheus selects, as other charts call them. */
export const ADDITIONAL_LABELS: JsonSchema = here('labels, beside it');

/** Parts of the address of an image in charts that keep its registry apart. */
export const OTHER_IMAGE_VALUES: JsonSchema = {
  registry: left('it is the beginning of repository'),
  pullSecrets: here('imagePullSecrets, beside image'),
};

/**
 * Values that other charts have at the top level, each with what to do here. Without them, Helm only says that they are
 * unknown.
 */
export const VALUES_ELSEWHERE: Readonly<Record<string, JsonSchema>> = {
  annotations: here('podAnnotations'),
  api: here('a member of config'),
  apiKey: left('a key belongs in a Secret, which existingSecrets names'),
  args: left('what the exporter shall do belongs in config'),
  autoscaling: left('shards divides the environments among several pods'),
  configuration: here('config'),
  containerSecurityContext: here('securityContext'),
  discovery: here('a member of config'),
  env: here('extraEnv'),
  envFrom: here('extraEnvFrom'),
  environments: here('a member of config'),
  existingSecret: here('existingSecrets, a list'),
  extraArgs: left('what the exporter shall do belongs in config'),
  extraDeploy: here('extraObjects'),
  extraEnvVars: here('extraEnv'),
  extraManifests: here('extraObjects'),
  ingress: left('an Ingress belongs in extraObjects'),
  labels: here('commonLabels'),
  metrics: here('serviceMonitor, at the top'),
  pdb: here('podDisruptionBudget'),
  podMonitor: here('serviceMonitor'),
  replicaCount: here('replicas'),
  secret: left('a Secret that exists is named in existingSecrets'),
  secretName: here('existingSecrets, a list'),
  secrets: left('Secrets that exist are named in existingSecrets'),
  sidecars: here('extraContainers'),
  volumeMounts: here('extraVolumeMounts'),
  volumes: here('extraVolumes'),
};
