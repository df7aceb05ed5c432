import { expect, test } from "bun:test";
import type { Member } from "./members.ts";
import { ringPeers } from "./ring_peers.ts";

const options = {
  nodeName: "node1",
  memberlistAddress: "192.0.2.1",
  memberlistPort: 7946,
  isMemberlistDisabled: false,
};
const member = (node: string, parts: Partial<Member> = {}): Member => ({
  node,
  address: `192.0.2.${node.at(-1)}`,
  state: "alive",
  since: 0,
  by: "pod",
  isCapable: true,
  ...parts,
});
const zones: Record<string, string> = { node1: "a", node2: "b" };
const nodes = {
  get: (name: string) => ({
    name,
    networkUnavailable: false,
    annotations: {},
    internalIPs: [],
    labels: { ...(zones[name] && { "topology.kubernetes.io/zone": zones[name] }) } as Record<string, string>,
  }),
};

test("the ring is this node and every speaker with a Pod, each with its zone and the port it asks for", () => {
  const gossip = { state: "alive", fastPort: 8000 } as unknown as NonNullable<Member["gossip"]>;
  const list = () => [member("node2"), member("node3", { gossip })];
  expect(ringPeers(options, { list }, nodes)).toEqual([
    { node: "node1", address: "192.0.2.1", port: 7947, zone: "a" },
    { node: "node2", address: "192.0.2.2", port: 7947, zone: "b" },
    { node: "node3", address: "192.0.2.3", port: 8000 },
  ]);
  expect(ringPeers({ ...options, isMemberlistDisabled: true }, { list }, nodes)).toEqual([]);
});
