/** A 48-bit Ethernet address as lower-case text with colons, `02:42:ac:11:00:02`: comparable with `===`. */
export type Mac = string;

export const broadcastMac: Mac = "ff:ff:ff:ff:ff:ff";

export function parseMac(text: string): Mac | undefined {
  return /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/.test(text) ? text.toLowerCase() : undefined;
}

export function macToBytes(mac: Mac): Uint8Array {
  return Uint8Array.from(mac.split(":"), (octet) => Number.parseInt(octet, 16));
}

export function macFromBytes(bytes: Uint8Array): Mac {
  return Array.from(bytes.subarray(0, 6), (octet) => octet.toString(16).padStart(2, "0")).join(":");
}
