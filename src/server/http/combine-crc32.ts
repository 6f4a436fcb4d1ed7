/** The polynomial of CRC-32 with its bits reflected: the coefficient of x^0 comes first. */
const POLYNOMIAL = 0xedb88320;
const ONE = 0x80000000;

/** x^(2^n) for n from 0: each is the square of the previous one. */
const POWERS: readonly number[] = Array.from({ length: 64 }).reduce<number[]>(
  (powers) => [...powers, powers.length === 0 ? ONE >>> 1 : multiply(powers.at(-1)!, powers.at(-1)!)],
  [],
);

/**
 * The CRC-32 of two concatenated texts, from the CRC-32 of each. A text followed by `length` bytes is multiplied by
 * x^(8 × length). zlib's `crc32_combine` computes the same; Node does not expose it.
 */
export function combineCrc32(first: number, second: number, length: number): number {
  let shifted = first;
  // Bit n of the number of bytes is worth 2^(n + 3) bits.
  for (let left = length, power = 3; left > 0; left = Math.floor(left / 2), power++) {
    if (left % 2 === 1) shifted = multiply(POWERS[power]!, shifted);
  }
  return (shifted ^ second) >>> 0;
}

/** The product of two polynomials over GF(2), modulo that of CRC-32. */
function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= shifted;
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ POLYNOMIAL;
  }
  return product >>> 0;
}
