import type { ProviderPreset } from '../../wire/presets.ts';

/** Matches addresses that end in a path which the client appends by itself: the prefix, or that of a request. */
export function clientPathPattern({ pathPrefix }: ProviderPreset): string {
  return `${pathPrefix.replaceAll('.', '\\.')}(?:/(?:environments|messages|models|sessions)(?:/.*)?)?/*$`;
}

/** Matches addresses where people read about the API, or create keys for it. The host must be in lower case. */
export const WEBSITE_PATTERN =
  '^https?://(?:(?:www\\.)?claude\\.ai|(?:(?:console|docs|www)\\.)?anthropic\\.com|(?:(?:code|docs|platform|www)\\.)?claude\\.com)(?:[:/]|$)';
