import { formatAddress, parseAddress } from "#core/net/mod.ts";

/** As others write it, so that a node knows itself and its fellows in what they say; undefined for what is no address. */
export function canonicalAddress(text: string): string | undefined {
  const address = parseAddress(text);
  return address && formatAddress(address);
}
