import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { run } from "#sandbox/lab/mod.ts";
import { eventually } from "./harness/eventually.ts";
import { L2Lan } from "./harness/l2_lan.ts";
import { L2Node } from "./harness/l2_node.ts";
import { cannotRun } from "./harness/netns_pair.ts";

/** Frames that no host should send, made by another implementation, and the responder after them. */
const skipReason = cannotRun("scapy3", "arp-scan", "ndisc6");
const vip = "10.77.0.240";
const vip6 = "fd77::240";
setDefaultTimeout(40_000);

/** Truncated, fuzzed, oversized, mislabelled: of each protocol, from a seed so that a failure comes again. */
const program = `
import random, sys
from scapy.all import *
random.seed(int(sys.argv[1]))
conf.verb = 0
sock = conf.L2socket(iface="eth0")
arp = Ether(dst="ff:ff:ff:ff:ff:ff")/ARP(op=1, pdst="${vip}", psrc="10.77.0.12")
ns = Ether(dst="33:33:ff:00:02:40")/IPv6(src="fd77::12", dst="ff02::1:ff00:240", hlim=255)/ICMPv6ND_NS(tgt="${vip6}")/ICMPv6NDOptSrcLLAddr(lladdr="02:00:00:00:00:99")
sent = 0
for base in (arp, ns):
    whole = bytes(base)
    for length in range(14, len(whole)):
        sock.send(Raw(whole[:length])); sent += 1
    for _ in range(400):
        frame = bytearray(whole)
        for _ in range(random.randint(1, 6)):
            frame[random.randrange(14, len(frame))] = random.randrange(256)
        # Still about the address, so that it passes the filter in the kernel.
        if base is arp: frame[38:42] = whole[38:42]
        else: frame[62:78] = whole[62:78]
        sock.send(Raw(bytes(frame))); sent += 1
    sock.send(Raw(whole + bytes(1400))); sent += 1
for _ in range(100):
    sock.send(Ether(dst="ff:ff:ff:ff:ff:ff")/fuzz(ARP(pdst="${vip}"))); sent += 1
print(sent)
`;

describe.skipIf(skipReason !== undefined)(`Hostile frames${skipReason ? `: ${skipReason}` : ""}`, () => {
  let lan: L2Lan;
  let node: L2Node | undefined;

  beforeAll(() => {
    lan = new L2Lan(["node1", "node2", "client"]);
  });
  afterEach(async () => {
    await node?.kill();
  });
  afterAll(() => lan?.remove());

  test("a thousand malformed frames neither end the worker nor keep it from answering right", async () => {
    node = new L2Node(lan, "node1");
    await node.until("interfaces", ({ interfaces }) =>
      interfaces.some((each) => each.addresses.some((text) => text.startsWith("fe80:"))),
    );
    node.own(vip, vip6);
    await node.until("announced", ({ address }) => address === vip6);
    const sent = Number(run(lan.command("client", "/usr/bin/python3", "-c", program, "7")).trim());
    expect(sent).toBeGreaterThan(1_000);
    const mac = lan.mac("node1");
    await eventually("it still answers", () => lan.arping("client", vip, 1).includes(mac), 5_000);
    expect([...new Set(lan.ndisc6("client", vip6))]).toEqual([mac]);
    // A third program asks for all of the network; each address answers once, with the one MAC.
    const scan = run(lan.command("client", "arp-scan", "-q", "-x", "-I", "eth0", `${vip}/32`));
    expect(scan.trim().split(/\s+/)).toEqual([vip, mac]);
    expect(node.reports.filter(({ type }) => type === "problem")).toEqual([]);
  });

  test("an address that no interface can carry is said, with what it would need", async () => {
    node = new L2Node(lan, "node2");
    await node.until("interfaces");
    node.command({ type: "own", addresses: [{ address: vip6, interfaces: ["eth9"] }] });
    const { message } = await node.until("problem", undefined, { timeoutMs: 10_000 });
    expect(message).toBe(
      `Cannot announce ${vip6}: none of eth9 is up, with carrier, and with a link-local address`,
    );
  });
});
