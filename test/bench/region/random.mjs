/**
 * Randomness that depends on the seed, on what is drawn and on its number, and on nothing that was made before. So nobody has to be
 * remembered: the same citizen is computed again wherever a case names them.
 */

/** A bijection of 32-bit numbers: different numbers stay different. */
function mixed(value) {
  let mix = value | 0;
  mix = Math.imul(mix ^ (mix >>> 16), 0x21f0aaad);
  mix = Math.imul(mix ^ (mix >>> 15), 0x735a2d97);
  return mix ^ (mix >>> 15);
}

const hexes = Array.from({ length: 65_536 }, (_none, value) => value.toString(16).padStart(4, '0'));

/** `idOf(number)`: a UUID in the form of version 4. Its first 32 bits are the number, mixed: two of one kind are never the same. */
export function idsFor(seed, kind) {
  const keys = [0, 1, 2, 3].map((part) => keyOf(seed, `${kind}/${part}`));
  return (number) => {
    const [a, b, c, d] = [
      mixed(number ^ keys[0]),
      mixed(number ^ keys[1]),
      mixed(number + keys[2]),
      mixed(number + keys[3]),
    ];
    const version = 0x4000 | (b & 0x0fff);
    const variant = 0x8000 | (c & 0x3fff);
    return `${hexes[a >>> 16]}${hexes[a & 0xffff]}-${hexes[b >>> 16]}-${hexes[version]}-${hexes[variant]}-${hexes[c >>> 16]}${hexes[d >>> 16]}${hexes[d & 0xffff]}`;
  };
}

/** `drawsFor(number)`: a sequence of draws, each a whole number from 0 up to but not including `below`. */
export function drawsFor(seed, kind) {
  const key = keyOf(seed, kind);
  return (number) => {
    let state = mixed(number ^ key);
    return (below) => {
      state = (state + 0x9e3779b9) | 0;
      return (mixed(state) >>> 0) % below;
    };
  };
}

/** FNV-1a. */
function keyOf(seed, text) {
  let key = 0x811c9dc5;
  for (const character of `${seed}/${text}`) key = Math.imul(key ^ character.codePointAt(0), 0x01000193);
  return mixed(key);
}

/** A function that draws from values with shares that add up to 100. */
export function byShare(shares) {
  const table = shares.flatMap(([value, share]) => new Array(share).fill(value));
  if (table.length !== 100) throw new Error('expected shares that add up to 100');
  return (draw) => table[draw(100)];
}
