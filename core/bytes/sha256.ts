/**
 * SHA-256 (FIPS 180-4), synchronous and pure: the election orders nodes by it, and core has no crypto of the
 * platform. A short message (one block) takes about a microsecond.
 */
export function sha256(message: Uint8Array): Uint8Array {
  const padded = pad(message);
  const state = Int32Array.from(initialState);
  for (let offset = 0; offset < padded.length; offset += blockBytes) compress(state, padded, offset);
  const digest = new Uint8Array(32);
  for (let at = 0; at < 32; at++) digest[at] = word(state, at >> 2) >>> (24 - (at & 3) * 8);
  return digest;
}

const blockBytes = 64;

/** §5.1.1: a one bit, zeros, and the length in bits as 64-bit big-endian, up to a whole block. */
function pad(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / blockBytes) * blockBytes);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer, padded.length - 8);
  view.setUint32(0, Math.floor(message.length / 2 ** 29));
  view.setUint32(4, message.length << 3);
  return padded;
}

/** The message schedule of §6.2.2: scratch, filled anew by each block, kept only to spare an allocation. */
const w = new Int32Array(64);

/** §6.2.2, one block, into `state`. */
function compress(state: Int32Array, bytes: Uint8Array, offset: number): void {
  for (let t = 0; t < 16; t++) {
    const at = offset + t * 4;
    w[t] =
      (byte(bytes, at) << 24) |
      (byte(bytes, at + 1) << 16) |
      (byte(bytes, at + 2) << 8) |
      byte(bytes, at + 3);
  }
  for (let t = 16; t < 64; t++) {
    const x = word(w, t - 15);
    const y = word(w, t - 2);
    const sigma0 = rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3);
    const sigma1 = rotr(y, 17) ^ rotr(y, 19) ^ (y >>> 10);
    w[t] = word(w, t - 16) + sigma0 + word(w, t - 7) + sigma1;
  }
  let a = word(state, 0);
  let b = word(state, 1);
  let c = word(state, 2);
  let d = word(state, 3);
  let e = word(state, 4);
  let f = word(state, 5);
  let g = word(state, 6);
  let h = word(state, 7);
  for (let t = 0; t < 64; t++) {
    const sum1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const choice = (e & f) ^ (~e & g);
    const t1 = (h + sum1 + choice + word(roundConstants, t) + word(w, t)) | 0;
    const sum0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + sum0 + majority) | 0;
  }
  state[0] = word(state, 0) + a;
  state[1] = word(state, 1) + b;
  state[2] = word(state, 2) + c;
  state[3] = word(state, 3) + d;
  state[4] = word(state, 4) + e;
  state[5] = word(state, 5) + f;
  state[6] = word(state, 6) + g;
  state[7] = word(state, 7) + h;
}

const rotr = (x: number, n: number) => (x >>> n) | (x << (32 - n));
const word = (words: Int32Array, at: number) => words[at] as number;
const byte = (bytes: Uint8Array, at: number) => bytes[at] as number;

/** §5.3.3 and §4.2.2: fractions of the square roots of the first 8 primes, and of the cube roots of the first 64. */
const primes = firstPrimes(64);
const initialState = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const roundConstants = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));

function fraction(root: number): number {
  return ((root - Math.floor(root)) * 2 ** 32) | 0;
}

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}
