import { encodeNdp, type NdpFrame } from "#core/l2/mod.ts";
import { type IpAddress, macToBytes, parseAddress } from "#core/net/mod.ts";
import { eventually } from "./eventually.ts";
import { L2Lan } from "./l2_lan.ts";
import { L2NdpCapture } from "./l2_ndp_capture.ts";
import { L2Node } from "./l2_node.ts";

export const ip = (text: string) => parseAddress(text) as IpAddress;
/** What the nodes of the tests answer for. */
export const vip = "fd77::240";
export const otherVip = "fd77::241";
/** Of a wait; less than what a test may take. */
export const limitMs = 3_000;

/** A LAN on which `node1` and `node2` may hold a data plane each, and `client` asks and looks on. */
export class L2NdpLab {
  readonly lan = new L2Lan(["node1", "node2", "client"]);
  #nodes: L2Node[] = [];
  #captures: L2NdpCapture[] = [];

  /** A node whose interface is ready for NDP. */
  async start(name: string): Promise<L2Node> {
    const node = new L2Node(this.lan, name);
    this.#nodes.push(node);
    await node.until("interfaces", ({ interfaces }) =>
      interfaces.some((each) => each.addresses.some((text) => text.startsWith("fe80:"))),
    );
    return node;
  }

  /** One that has announced the addresses, the last of them too. */
  async owning(name: string, ...addresses: string[]): Promise<L2Node> {
    const node = await this.start(name);
    node.own(...addresses);
    await node.until("announced", ({ address }) => address === addresses.at(-1));
    return node;
  }

  async capture(station = "client"): Promise<L2NdpCapture> {
    const started = await L2NdpCapture.start(this.lan, station);
    this.#captures.push(started);
    return started;
  }

  /** Asks until exactly this MAC answers. */
  async answersWith(mac: string, withinMs = 2_000): Promise<void> {
    await eventually(
      `only ${mac} answers for ${vip}`,
      () => this.lan.ndisc6("client", vip).join() === mac,
      withinMs,
    );
  }

  linkLocal(name: string): string {
    const links = JSON.parse(this.lan.ip(name, "-6", "-j", "addr", "show", "dev", "eth0", "scope", "link"));
    return links[0].addr_info.findLast((each: { local?: string }) => each.local)?.local;
  }

  /** A question of the client, as it would be put on the wire. */
  solicitation(changes: Partial<NdpFrame> = {}): Uint8Array {
    return encodeNdp({
      destination: "33:33:ff:00:02:40",
      source: this.lan.mac("client"),
      trafficClassAndFlow: 0,
      sourceAddress: ip(this.lan.address6("client")),
      destinationAddress: ip("ff02::1:ff00:240"),
      type: 135,
      flags: 0,
      target: ip(vip),
      options: [{ type: 1, value: macToBytes(this.lan.mac("client")) }],
      trailer: new Uint8Array(0),
      ...changes,
    });
  }

  /** Ends what one test started. */
  async clear(): Promise<void> {
    const nodes = this.#nodes.map((node) => node.kill());
    await Promise.all([...nodes, ...this.#captures.map((capture) => capture.stop())]);
    this.#nodes = [];
    this.#captures = [];
  }

  remove(): void {
    this.lan.remove();
  }
}
