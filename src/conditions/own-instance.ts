/** The label `instance` of what this process scrapes of itself. */
export const OWN_INSTANCE = 'self';

/** The sentence of an alert about an instance, as this instance says it. */
export function inOwnWords(text: string): string {
  return text.replace(`Exporter ${OWN_INSTANCE} `, 'This exporter ');
}
