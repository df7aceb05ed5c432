import { decodeMetadata, type MemberView } from "#core/membership/memberlist/mod.ts";
import type { GossipMember } from "./types.ts";

/** As people and other threads read it; `wallOffsetMs` is the wall clock less the monotonic one. */
export function gossipMember(view: MemberView, wallOffsetMs: number): GossipMember {
  const { name, addr, port, meta, vsn, incarnation, state, since, rttMs, accusers } = view;
  const said = decodeMetadata(meta);
  return {
    node: name,
    address: addr,
    port,
    state,
    since: Math.round(since + wallOffsetMs),
    incarnation,
    protocol: vsn.slice(0, 3),
    ...(said ? { capability: said.capability, fastPort: said.fastPort } : {}),
    ...(rttMs === undefined ? {} : { rttMs }),
    ...(accusers ? { accusers } : {}),
  };
}
