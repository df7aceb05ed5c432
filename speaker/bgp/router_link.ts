import { readFileSync } from "node:fs";
import type { LinkEnd } from "#core/bgp/mod.ts";
import { macToBytes } from "#core/net/mod.ts";
import { interfaceIndex, MemoryBlock, PacketSocket, routerFilter } from "#io/mod.ts";
import { interfaceAddresses } from "./interface_addresses.ts";
import { isLinkLocal } from "./next_hops.ts";

/** One interface's Router Advertisements and Solicitations. */
export interface RouterLink {
  readonly end: LinkEnd;
  /** The next frame that waits; undefined: none. Throws where the interface is of no use any more. */
  receive(): Uint8Array | undefined;
  send(frame: Uint8Array): void;
  close(): void;
}

/** Throws, in words, where the interface is not there, or has no link-local address yet. */
export type OpenRouterLink = (device: string) => RouterLink;

const ETHERTYPE_IPV6 = 0x86dd;
const frameBytesMax = 2_048;

export const openRouterLink: OpenRouterLink = (device) => {
  const address = interfaceAddresses().find(
    (each) => each.device === device && isLinkLocal(each.address),
  )?.address;
  const index = interfaceIndex(device);
  if (!address) throw new Error(`interface ${device} has no IPv6 link-local address`);
  const mac = macToBytes(readFileSync(`/sys/class/net/${device}/address`, "utf8").trim());
  const socket = new PacketSocket(device, index, ETHERTYPE_IPV6, routerFilter(index));
  const block = new MemoryBlock(2 * frameBytesMax);
  const [incoming, outgoing] = [block.carve(frameBytesMax), block.carve(frameBytesMax)];
  return {
    end: { mac, address },
    receive() {
      const length = socket.receive(incoming);
      if (length < 0) throw new Error(`interface ${device} is gone`);
      return length === 0 ? undefined : incoming.bytes.slice(0, Math.min(length, frameBytesMax));
    },
    send(frame) {
      outgoing.bytes.set(frame);
      // A link that is down says so when it is up again: the next advertisement comes in seconds.
      socket.send(outgoing, frame.length);
    },
    close: () => socket.close(),
  };
};
