import type { Command } from 'commander';

/** Options of other exporters, and short ones that people try; commander finds those that are near by their letters. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  '-c': '--config',
  '-config': '--config',
  '-f': '--config',
  '--config-file': '--config',
  '--config.file': '--config',
  '--file': '--config',
  '--address': '--listen',
  '--bind': '--listen',
  '--host': '--listen',
  '--listen-address': '--listen',
  '-p': '--listen',
  '--port': '--listen',
  '--web.listen-address': '--listen',
  '--debug': '--log-level debug',
  '--log.level': '--log-level',
  '--verbose': '--log-level debug',
  '--log.format': '--log-format',
};

/** What such programs take as an option, and this one from its configuration file. */
const IN_THE_FILE: Readonly<Record<string, string>> = {
  '--web.config.file': 'server.web_config_file',
  '--web.config': 'server.web_config_file',
};

/** Adds to commander's error about an unknown option what this command calls it; other errors stay as they are. */
export function withOptionMeant(error: string, { options }: Command): string {
  const [, unknown = ''] = /^error: unknown option '([^'=]*)/.exec(error) ?? [];
  if (error.includes('Did you mean') || !Object.hasOwn({ ...ELSEWHERE, ...IN_THE_FILE }, unknown)) return error;
  const inFile = IN_THE_FILE[unknown];
  if (inFile !== undefined) return `${error.trimEnd()}\n(It is ${inFile} in the configuration file.)\n`;
  const meant = ELSEWHERE[unknown]!;
  const isTaken = options.some(({ long }) => long === meant.split(' ')[0]);
  return isTaken ? `${error.trimEnd()}\n(Did you mean ${meant}?)\n` : error;
}
