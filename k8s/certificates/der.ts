/** What little of DER (ITU-T X.690) a self-signed certificate needs: each function gives tag, length and content. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(content.length)]), content]);
}

/** §8.1.3: below 128 one octet, else the number of octets that follow and those. */
function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

export const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]) => der(0x31, ...parts);
export const octets = (content: Uint8Array) => der(0x04, content);
export const utf8 = (text: string) => der(0x0c, Buffer.from(text));
export const yes = () => der(0x01, Uint8Array.of(0xff));
/** Constructed, context-specific: `[n] EXPLICIT`. */
export const explicit = (number: number, content: Uint8Array) => der(0xa0 | number, content);
/** Primitive, context-specific: `[n] IMPLICIT`. */
export const implicit = (number: number, content: Uint8Array) => der(0x80 | number, content);
export const bits = (content: Uint8Array, unused = 0) => der(0x03, Uint8Array.of(unused), content);

/** A positive number, most significant octet first; one that looks negative gets a zero before it. */
export function integer(content: Uint8Array): Uint8Array {
  return der(0x02, (content[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(), content);
}

/** `1.2.840.10045`: §8.19, the first two arcs in one octet, the others in base 128. */
export function objectIdentifier(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const content = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift(0x80 | (left & 0x7f));
    content.push(...groups);
  }
  return der(0x06, Uint8Array.from(content));
}

/** RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050. */
export function time(date: Date): Uint8Array {
  const digits = date.toISOString().replace(/[-:T]|\..*/g, "");
  return date.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : der(0x18, Buffer.from(`${digits}Z`));
}
