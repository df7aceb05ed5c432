import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { arpSockets, deafen } from "../support/deafen.ts";
import { eventually } from "../support/eventually.ts";
import { firstPool } from "../support/manifests.ts";
import { Ground, lacking } from "./ground.ts";

describe.skipIf(lacking !== undefined)(`failure stories${lacking ? ` (needs ${lacking})` : ""}`, () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await Ground.start();
  }, 90_000);
  afterEach(() => ground?.mend(), 30_000);
  afterAll(() => ground?.stop());

  test("story 8: a responder that was made deaf behind the speaker's back is found and made anew", async () => {
    const { address, announcer } = await ground.serve("story8");
    const pid = await ground.speakerPid(announcer);
    const before = arpSockets(pid);
    expect(before.length).toBeGreaterThan(0);
    deafen(pid);
    await eventually("its sockets are others", () => {
      const now = arpSockets(pid);
      return now.length === before.length && now.every((socket) => !before.includes(socket));
    });
    await eventually("it answers again", async () => (await ground.lan.answerer(address)) === announcer);
  }, 60_000);

  test("story 9: a node whose announcing link lost its carrier gives the address up at once", async () => {
    const { address, announcer } = await ground.serve("story9");
    const since = Date.now();
    await ground.cluster.sandbox("cut", "--carrier", announcer);
    // The API is still within its reach, so that only its own knowledge makes it stop.
    await eventually(`${announcer} announces it no longer`, async () => {
      return !(await ground.announced(address)).includes(announcer);
    });
    const taken = await ground.witness.first(
      since,
      (frame) => frame.address === address && frame.by !== announcer,
      10_000,
    );
    expect(taken).toBeDefined();
    console.log(
      `carrier lost: ${taken?.by} announces ${(taken?.atMs ?? 0) - since} ms after the command began`,
    );
  }, 60_000);

  test("story 14: an interface that is deleted and made again under its name answers with its new MAC", async () => {
    const { address, announcer } = await ground.serve("story14");
    const station = ground.lan.station(announcer);
    const mac = "02:00:00:00:14:14";
    await ground.lan.replug(announcer, mac);
    await eventually("it is answered with the new MAC", async () => {
      const macs = new Set(await ground.lan.answerers(address));
      return macs.size === 1 && macs.has(mac);
    });
    await ground.lan.replug(announcer, station.mac);
    await eventually("and with the old one when that is back", async () => {
      return (await ground.lan.answerer(address)) === announcer;
    });
  }, 60_000);

  test("story 15: a slave, and an interface that is down, add no answer: one reply to a request", async () => {
    const { address, announcer } = await ground.serve("story15");
    const { namespace } = ground.lan.station(announcer);
    // Two more ports of the LAN on the node: one is the slave of a bridge that is down, one is down itself.
    for (const [device, state] of [
      ["slave", "up"],
      ["spare", "down"],
    ]) {
      const peer = ["type", "veth", "peer", "name", `st-${device}`];
      await ground.lan.bridge("link", "add", `${device}`, "netns", namespace, ...peer);
      await ground.lan.bridge("link", "set", `st-${device}`, "master", "br0", "up");
      await ground.lan.run(announcer, "ip", "link", "set", `${device}`, `${state}`);
    }
    await ground.lan.run(announcer, "ip", "link", "add", "aggregate", "type", "bridge");
    await ground.lan.run(announcer, "ip", "link", "set", "slave", "master", "aggregate");
    const requests = 10;
    await eventually("the slave is silent", async () => {
      return (await ground.lan.answerers(address, requests)).length === requests;
    });
    expect(new Set(await ground.lan.answerers(address, requests))).toEqual(new Set([announcer]));
    for (const device of ["slave", "spare", "aggregate"])
      await ground.lan.run(announcer, "ip", "link", "del", device);
  }, 60_000);

  test("story 28: the announcer is in the solicited-node group of each address, and leaves it with the last", async () => {
    await ground.cluster.apply(
      firstPool.replace("  - 192.168.1.240-192.168.1.250", "$&\n  - fd00:1::240-fd00:1::250"),
    );
    const { name, announcer } = await ground.serve("story28", { families: "RequireDualStack" });
    const path = "jsonpath={.status.loadBalancer.ingress[1].ip}";
    const address = await ground.cluster.kubectl("get", "service", name, "-o", path);
    expect(await ground.announced(address)).toEqual([announcer]);
    // RFC 4291 §2.7.1: ff02::1:ff00:0/104 and the last 24 bits, as the kernel lists it.
    const group = `ff0200000000000000000001ff00${address.split(":").at(-1)?.padStart(4, "0")}`;
    const isIn = async (node: string) => {
      const { stdout } = await ground.lan.run(node, "cat", "/proc/net/igmp6");
      return stdout.split("\n").some((line) => line.includes("eth0") && line.includes(group));
    };
    await eventually(`${announcer} is in the group`, () => isIn(announcer));
    const solicitation = ["ndisc6", "-m", "-n", "-r", "1", "-w", "1000", address, "eth0"];
    const { stdout } = await ground.lan.run("client", ...solicitation);
    expect(stdout.toLowerCase()).toContain(ground.lan.station(announcer).mac);
    await ground.delete(name);
    await eventually(`${announcer} has left the group`, async () => !(await isIn(announcer)));
  }, 60_000);
});
