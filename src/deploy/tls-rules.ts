import type { JsonSchema } from '../config/load/configuration-schema.ts';
import { given, type KindRule, named, notBoth, says, text, together } from './kind-rules.ts';

/** From the oldest. */
const VERSIONS = ['TLS10', 'TLS11', 'TLS12', 'TLS13'];

/** A certificate that is read from an object of Kubernetes; `{}` is none. */
const read = (name: string): JsonSchema => ({
  required: [name],
  properties: { [name]: { type: 'object', anyOf: [given('secret'), given('configMap')] } },
});

const CERTIFICATE: JsonSchema = { anyOf: [text('certFile'), read('cert')] };
const KEY: JsonSchema = { anyOf: [text('keyFile'), given('keySecret')] };

const oneSource: KindRule = [notBoth(given('secret'), given('configMap')), 'a map with secret or configMap, not both'];

/** What the Prometheus Operator requires of the TLS of a scrape; it leaves out the whole ServiceMonitor otherwise. */
export const TLS_RULES: Readonly<Record<string, readonly KindRule[]>> = {
  tlsConfig: [
    [
      together(CERTIFICATE, KEY),
      'a map with a certificate (cert or certFile) and its key (keySecret or keyFile), or without both',
    ],
    [notBoth(text('caFile'), read('ca')), 'a map with ca or caFile, not both'],
    [notBoth(text('certFile'), read('cert')), 'a map with cert or certFile, not both'],
    [notBoth(text('keyFile'), given('keySecret')), 'a map with keySecret or keyFile, not both'],
    [
      {
        not: { anyOf: pairs().map(([low, high]) => ({ allOf: [says('minVersion', high), says('maxVersion', low)] })) },
      },
      'a map whose minVersion is not above its maxVersion',
    ],
  ],
  'tlsConfig.ca': [oneSource],
  'tlsConfig.cert': [oneSource],
  'tlsConfig.ca.configMap': [named()],
  'tlsConfig.ca.secret': [named()],
  'tlsConfig.cert.configMap': [named()],
  'tlsConfig.cert.secret': [named()],
  'tlsConfig.keySecret': [named()],
};

function pairs(): readonly (readonly [low: string, high: string])[] {
  return VERSIONS.flatMap((low, index) => VERSIONS.slice(index + 1).map((high) => [low, high] as const));
}
