import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DRAWING_RULES } from './judge.ts';
import { type BoardJson, SPOILT_BOARDS } from './planted-faults.ts';
import { SITUATIONS, type Situation } from './situations.ts';

export interface Proof {
  /** Where the sound boards are. */
  readonly boards: string;
  /** Where the spoilt ones go. */
  readonly out: string;
  /** What the judge says of a drawn board from a folder. */
  readonly judged: (folder: string, board: string, situation: Situation) => Promise<readonly string[]>;
  /** Which of the spoilt boards to draw. */
  readonly wanted: (board: string, situation: string) => boolean;
  readonly say: (text: string) => void;
}

/** Draws boards that are spoilt on purpose: how many of the planted faults the judge does not see. */
export async function prove({ boards, out, judged, wanted, say }: Proof): Promise<number> {
  const planted = new Set<string>(SPOILT_BOARDS.flatMap(({ faults }) => faults.map(({ rule }) => rule)));
  const unplanted = Object.keys(DRAWING_RULES).filter((rule) => !planted.has(rule));
  for (const rule of unplanted) say(`FAIL ${rule}: no fault is planted`);
  let missed = unplanted.length;
  for (const { board, situation, faults } of SPOILT_BOARDS.filter((one) => wanted(one.board, one.situation))) {
    const file = `anthropic-work-${board}.json`;
    const spoilt = JSON.parse(readFileSync(join(boards, file), 'utf8')) as BoardJson;
    for (const { plant } of faults) plant(spoilt);
    const folder = join(out, `spoilt-${board}-${situation}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), JSON.stringify(spoilt));
    const found = await judged(folder, board, SITUATIONS.find(({ name }) => name === situation)!);
    for (const { rule, says } of faults) {
      const seen = found.some((fault) => says.test(fault));
      if (!seen) missed += 1;
      say(`${seen ? 'ok  ' : 'FAIL'} ${board} ${situation}: ${rule} ${seen ? 'sees' : 'does not see'} ${says.source}`);
    }
    if (faults.some(({ says }) => !found.some((fault) => says.test(fault))))
      for (const fault of found) say(`     ${fault}`);
  }
  return missed;
}
