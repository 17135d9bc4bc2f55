/** A source of numbers in [0, 1), such as `Math.random`. */
export type Random = () => number;

/** A small seeded generator (mulberry32): the same seed gives the same media for ever. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 up to, without, `bound`. */
export function below(random: Random, bound: number): number {
  return Math.floor(random() * bound);
}

/** A version 4 UUID (RFC 9562 §5.4), as mediasoup names its objects. */
export function uuid(random: Random): string {
  const digits = Array.from({ length: 32 }, () => below(random, 16));
  digits[12] = 4;
  digits[16] = 8 + below(random, 4);
  const hex = digits.map((digit) => digit.toString(16)).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
