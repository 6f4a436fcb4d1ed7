import type { ProviderPreset } from '../../wire/presets.ts';

/** A pattern of addresses that end in a path which the client appends by itself: the prefix, or one request. */
export function ownPath({ pathPrefix }: ProviderPreset): string {
  return `${pathPrefix.replaceAll('.', '\\.')}(?:/(?:environments|messages|models|sessions)(?:/.*)?)?/*$`;
}

/** A pattern of addresses where people read of the API, or make keys for it. The host has small letters only. */
export const WEBSITE =
  '^https?://(?:(?:www\\.)?claude\\.ai|(?:(?:console|docs|www)\\.)?anthropic\\.com|(?:(?:code|docs|platform|www)\\.)?claude\\.com)(?:[:/]|$)';
