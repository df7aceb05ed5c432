import { planLab, type Station } from "#sandbox/lab/mod.ts";
import { defaultOptions } from "#sandbox/mod.ts";
import type { TestCluster } from "./cluster.ts";
import { type Finished, must, run } from "./run.ts";

/** The stations of a sandbox's LAN, reached without the sandbox's help, which may be away. */
export class ClusterLan {
  readonly stations: readonly Station[];
  readonly #lanNamespace: string;

  constructor({ stateDirectory }: Pick<TestCluster, "stateDirectory">, nodes = 3) {
    const plan = planLab({ ...defaultOptions, stateDirectory, nodes, hasRouter: true });
    this.stations = plan.stations;
    this.#lanNamespace = plan.lanNamespace;
  }

  station(name: string): Station {
    const found = this.stations.find((station) => station.name === name);
    if (!found) throw new Error(`There is no station "${name}".`);
    return found;
  }

  command(station: string, ...argv: string[]): string[] {
    return ["ip", "netns", "exec", this.station(station).namespace, ...argv];
  }

  /** Deletes a station's `eth0` and makes it again, with this MAC, its addresses and its default route. */
  async replug(name: string, mac: string): Promise<void> {
    const { namespace, port, address, address6 } = this.station(name);
    const router = this.station("router").address;
    await this.bridge("link", "del", port);
    const peer = ["type", "veth", "peer", "name", "eth0", "address", mac, "netns", namespace];
    await this.bridge("link", "add", port, ...peer);
    await this.bridge("link", "set", port, "master", "br0", "up");
    const lines = [
      `addr add ${address}/24 brd + dev eth0`,
      ...(address6 ? [`addr add ${address6}/64 dev eth0 nodad`] : []),
      "link set eth0 up",
      `route add default via ${router}`,
    ];
    await must(["ip", "-n", namespace, "-batch", "-"], { input: `${lines.join("\n")}\n` });
  }

  run(station: string, ...argv: string[]): Promise<Finished> {
    return run(this.command(station, ...argv));
  }

  /** `ip` in the namespace of the bridge. */
  bridge(...argv: string[]): Promise<string> {
    return must(["ip", "-n", this.#lanNamespace, ...argv]);
  }

  /**
   * A second segment, an `eth1` at the client and at each node, on a bridge of its own; a node's MAC there, for
   * {@link answerers}, is its name with the segment.
   */
  async addSegment(): Promise<void> {
    await this.bridge("link", "add", "br1", "type", "bridge", "stp_state", "0", "forward_delay", "0");
    await this.bridge("link", "set", "br1", "up");
    for (const { name, role, namespace, mac } of this.stations) {
      if (role !== "node" && role !== "client") continue;
      const peer = ["type", "veth", "peer", "name", "eth1", "address", secondMac(mac), "netns", namespace];
      await this.bridge("link", "add", `${name}-2`, ...peer);
      await this.bridge("link", "set", `${name}-2`, "master", "br1", "up");
      await must(["ip", "-n", namespace, "link", "set", "eth1", "up"]);
    }
    // arping speaks as an address of its interface.
    await this.run("client", "ip", "addr", "add", "172.31.9.1/24", "dev", "eth1");
  }

  /** Stations that answer the client's ARP requests for the address, 50 ms apart: one entry an answer. */
  async answerers(address: string, requests = 3, device = "eth0"): Promise<string[]> {
    const argv = ["arping", "-r", "-c", String(requests), "-W", "0.05", "-i", device, address];
    const { stdout } = await run(this.command("client", ...argv));
    const macs = stdout.match(/[0-9a-f]{2}(:[0-9a-f]{2}){5}/g) ?? [];
    return macs.map((mac) => {
      const found = this.stations.find((station) => station.mac === mac || secondMac(station.mac) === mac);
      return found ? `${found.name}${found.mac === mac ? "" : "/eth1"}` : mac;
    });
  }

  /** The station that answers for the address; undefined where none does; throws where several do. */
  async answerer(address: string): Promise<string | undefined> {
    const names = [...new Set(await this.answerers(address))];
    if (names.length > 1) throw new Error(`${names.join(" and ")} answer for ${address}.`);
    return names[0];
  }
}

function secondMac(mac: string): string {
  return mac.replace(/^02:00/, "02:01");
}
