import { parseArgs } from 'node:util';
import { storyOf } from '../src/rehearse/story.ts';
import { playWorld } from '../test/rehearse/worlds/faults-of.ts';
import { randomWorld, TROUBLES } from '../test/rehearse/worlds/random-world.ts';

/**
 * Plays random worlds and prints those in which something wrong is told: `node bench/worlds.ts --one 300 --two 100`, or one
 * of them in full: `--trouble NAME --seed N --troubles 2`.
 */
const { values } = parseArgs({
  options: {
    one: { type: 'string', default: '0' },
    two: { type: 'string', default: '0' },
    trouble: { type: 'string' },
    seed: { type: 'string', default: '1' },
    troubles: { type: 'string', default: '1' },
  },
});
const say = (text: string) => void process.stdout.write(`${text}\n`);
const names = Object.keys(TROUBLES);

if (values.trouble === undefined) {
  for (const [count, worlds] of [
    [1, Number(values.one)],
    [2, Number(values.two)],
  ] as const) {
    const wrong = new Map<string, number>();
    let bad = 0;
    for (let number = 0; number < worlds; number++) {
      const name = names[number % names.length]!;
      const seed = Number(values.seed) + Math.floor(number / names.length);
      const { faults } = await playWorld(randomWorld(name, seed, count));
      if (faults.length === 0) continue;
      bad++;
      for (const fault of faults) wrong.set(fault, (wrong.get(fault) ?? 0) + 1);
      say(`--trouble '${name}' --seed ${seed} --troubles ${count}: ${faults.join('; ')}`);
    }
    say(`${count} trouble(s): ${bad} of ${worlds} worlds wrong`);
    for (const [fault, times] of [...wrong].toSorted((a, b) => b[1] - a[1])) say(`  ${times} × ${fault}`);
  }
} else {
  const world = randomWorld(values.trouble, Number(values.seed), values.troubles === '2' ? 2 : 1);
  const { events, faults } = await playWorld(world);
  say(JSON.stringify(world.scenario, null, 1));
  say(storyOf({ happens: world.name, endsAt: world.minutes * 60, seed: world.seed }, events) + faults.join('\n'));
}
