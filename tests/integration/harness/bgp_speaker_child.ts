/**
 * The real BGP driver as a process of its own, to be run inside a network namespace. Reads one JSON command a line
 * on stdin, answers each with one JSON line on stdout.
 */
import { parseCommunity, type Route } from "#core/bgp/mod.ts";
import { familyBits, type IpAddress, maskAddress, type Prefix, parseAddress } from "#core/net/mod.ts";
import { BgpSpeaker, type PeerSettings } from "#speaker/bgp/mod.ts";
import type { ChildCommand, ChildPeer, ChildRoutes } from "./bgp_speaker.ts";

const log: string[] = [];
const speaker = new BgpSpeaker({
  nodeName: "speaker",
  log: (level, peer, message) => log.push(`${level} ${peer}: ${message}`),
});

function address(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error(`Not an address: ${text}`);
  return parsed;
}

function peer({ address: peerAddress, sourceAddress, routerID, ...rest }: ChildPeer): PeerSettings {
  return {
    port: 179,
    ...rest,
    ...(peerAddress && { address: address(peerAddress) }),
    ...(sourceAddress && { sourceAddress: address(sourceAddress) }),
    ...(routerID && { routerID: address(routerID) }),
  };
}

/** `count` prefixes of one address each from `first` on. */
function prefixes({ first, count }: ChildRoutes): Prefix[] {
  const { family, value } = address(first);
  return Array.from({ length: count }, (_, index) =>
    maskAddress({ family, value: value + BigInt(index) }, familyBits(family)),
  );
}

function routes(given: ChildRoutes): Route[] {
  const communities = (given.communities ?? []).map((text) => {
    const community = parseCommunity(text);
    if (!community) throw new Error(`Not a community: ${text}`);
    return community;
  });
  const { localPref } = given;
  return prefixes(given).map((prefix) => ({
    prefix,
    communities,
    ...(localPref !== undefined && { localPref }),
  }));
}

async function obey(command: ChildCommand): Promise<unknown> {
  switch (command.do) {
    case "peers":
      return speaker.setPeers(command.peers.map(peer));
    case "routes":
      return speaker.setRoutes(command.peer, command.routes.flatMap(routes));
    case "change":
      return speaker.changeRoutes(command.peer, {
        announce: (command.announce ?? []).flatMap(routes),
        withdraw: (command.withdraw ?? []).flatMap(prefixes),
      });
    case "drain":
      return speaker.setDraining(command.isDraining);
    case "bfd":
      return speaker.bfdChanged(command.address, "", command.state);
    case "look":
      return {
        sessions: speaker.sessions(),
        metrics: speaker.metrics(),
        messages: speaker
          .sessions()
          .map(({ peer }) => speaker.messages(peer).map(({ direction, text }) => `${direction} ${text}`)),
        log,
        memoryBytes: process.memoryUsage().rss,
      };
    case "busy": {
      // A main thread that does something else.
      const end = performance.now() + command.ms;
      while (performance.now() < end);
      return undefined;
    }
    case "stop":
      await speaker.stop(command.text);
      return undefined;
  }
}

for await (const line of console) {
  const started = performance.now();
  const result = await obey(JSON.parse(line) as ChildCommand);
  process.stdout.write(`${JSON.stringify({ result, tookMs: performance.now() - started })}\n`);
}
