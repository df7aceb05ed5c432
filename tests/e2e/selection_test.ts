/** MetalLB's own end-to-end scenarios for layer 2 by their numbers, where no other test tells them (E001 to E059). */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { Ground, lacking } from "./stories/ground.ts";
import { eventually } from "./support/eventually.ts";

describe.skipIf(lacking !== undefined)(`who announces${lacking ? ` (needs ${lacking})` : ""}`, () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await Ground.start();
  }, 90_000);
  afterEach(async () => {
    await ground?.mend();
    await advertise({});
  }, 30_000);
  afterAll(() => ground?.stop());

  /** The pool's only advertisement. */
  async function advertise(spec: object): Promise<void> {
    await ground.cluster.kubectl("delete", "l2advertisements", "-A", "-l", "story");
    await applyAdvertisement({ name: "example" }, spec);
  }

  /** One more, until the next {@link advertise}. */
  const beside = (name: string, spec: object) =>
    applyAdvertisement({ name, labels: { story: "told" } }, spec);

  async function applyAdvertisement(metadata: object, spec: object): Promise<void> {
    await ground.applyObject({
      apiVersion: "metallb.io/v1beta1",
      kind: "L2Advertisement",
      metadata: { ...metadata, namespace: "metallb-system" },
      spec: { ipAddressPools: ["first-pool"], ...spec },
    });
  }

  const onNode = (...nodes: string[]) => ({
    nodeSelectors: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: nodes }] }],
  });
  const preferring = (label: string, weight = 50) => ({
    preferredNodeSelectors: [{ weight, preference: { matchLabels: { [label]: "yes" } } }],
  });
  const label = (node: string, ...labels: string[]) =>
    ground.cluster.kubectl("label", "node", node, ...labels);

  test("E003: with externalTrafficPolicy Local an endpoint's node announces, and its own pod answers", async () => {
    await ground.deploy("local", { "kubernetes.io/hostname": "node2" });
    const { address, announcer } = await ground.serve("e003", { app: "local", policy: "Local" });
    expect(announcer).toBe("node2");
    const { stdout } = await eventually("the pod answers", async () => {
      const answer = await ground.lan.run("client", "curl", "-sS", "--max-time", "2", `http://${address}/`);
      return answer.code === 0 && answer;
    });
    expect(stdout).toMatch(/^pod local-\S+ on node2, received by node2/);
    await ground.cluster.kubectl("delete", "deployment", "local");
  }, 30_000);

  test("E005, E006: NetworkUnavailable or the exclude label moves the announcement away and back", async () => {
    const { address, announcer } = await ground.serve("e005");
    const unavailable = (status: "True" | "False") => {
      const conditions = [{ type: "NetworkUnavailable", status, reason: "Test", message: "" }];
      const patch = JSON.stringify({ status: { conditions } });
      return ground.cluster.kubectl("patch", "node", announcer, "--subresource=status", "-p", patch);
    };
    await unavailable("True");
    const deputy = await ground.announcer(address, (node) => node !== announcer);
    await unavailable("False");
    await ground.announcer(address, (node) => node === announcer);
    const exclude = "node.kubernetes.io/exclude-from-external-load-balancers";
    await label(announcer, `${exclude}=`);
    await ground.announcer(address, (node) => node === deputy);
    await label(announcer, `${exclude}-`);
    await ground.announcer(address, (node) => node === announcer);
    await eventually("it answers", async () => (await ground.lan.answerer(address)) === announcer);
  }, 60_000);

  test("E018: a Service of another loadBalancerClass gets no address", async () => {
    await ground.applyObject({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "e018", labels: { story: "told" } },
      spec: { type: "LoadBalancer", loadBalancerClass: "example.com/foo", ports: [{ port: 80 }] },
    });
    // A Service of ours that comes later is served: the controller has passed by the other.
    await ground.serve("e018-ours");
    expect(
      await ground.cluster.kubectl("get", "service", "e018", "-o", "jsonpath={.status.loadBalancer}"),
    ).toBe("{}");
  }, 30_000);

  test("E039, E041: the announcement follows nodeSelectors, and a label brings it back", async () => {
    const { address } = await ground.serve("e039");
    for (const node of ["node1", "node2", "node3"]) {
      await advertise(onNode(node));
      await ground.announcer(address, (announcer) => announcer === node);
    }
    await advertise({ nodeSelectors: [{ matchLabels: { e041: "yes" } }] });
    await eventually("nobody announces", async () => (await ground.announced(address)).length === 0);
    expect(await ground.lan.answerers(address)).toEqual([]);
    await label("node2", "e041=yes");
    await ground.announcer(address, (announcer) => announcer === "node2");
    await label("node2", "e041-");
  }, 60_000);

  test("E045: on an interface that does not exist nobody answers, and an event says so", async () => {
    await advertise({ interfaces: ["wlan7"] });
    await ground.apply("e045");
    await eventually("the event is there", async () =>
      (await ground.events("e045", "announceFailed")).some((message) => message.includes("wlan7")),
    );
    const address = await ground.cluster.kubectl(
      "get",
      "service",
      "e045",
      "-o",
      "jsonpath={.status.loadBalancer.ingress[0].ip}",
    );
    expect(await ground.lan.answerers(address)).toEqual([]);
    await advertise({ interfaces: ["eth0"] });
    await eventually("it is answered", () => ground.lan.answerer(address));
  }, 30_000);

  test("E042 to E047: interfaces of the advertisements decide on which segment which node answers", async () => {
    await ground.lan.addSegment();
    const { name, address, announcer } = await ground.serve("e042");
    const answered = async (first: string[], second: string[]) => {
      await eventually(`${first.join() || "nobody"} and ${second.join() || "nobody"} answer`, async () => {
        const asked = await Promise.all([
          ground.lan.answerers(address),
          ground.lan.answerers(address, 3, "eth1"),
        ]);
        const [onFirst, onSecond] = asked.map((names) => [...new Set(names)].join());
        return onFirst === first.join() && onSecond === second.join();
      });
    };
    await answered([announcer], [`${announcer}/eth1`]);
    await advertise({ interfaces: ["eth1"] });
    await answered([], [`${announcer}/eth1`]);
    await eventually("ServiceL2Status lists that interface", async () => {
      const { items } = (await ground.cluster.json("get", "servicel2statuses", "-A")) as {
        items: { status?: { serviceName?: string; interfaces?: { name: string }[] } }[];
      };
      const own = items.filter(({ status }) => status?.serviceName === name);
      return own.length === 1 && own[0]?.status?.interfaces?.map((each) => each.name).join() === "eth1";
    });
    await advertise({ interfaces: ["eth0"] });
    await answered([announcer], []);
    await advertise({ interfaces: ["eth0"] });
    await beside("second", { interfaces: ["eth1"] });
    await answered([announcer], [`${announcer}/eth1`]);
    const [other = ""] = ["node1", "node2", "node3"].filter((node) => node !== announcer);
    await advertise({ interfaces: ["eth1"], ...onNode(other) });
    await answered([], [`${other}/eth1`]);
  }, 60_000);

  test("E048: an advertisement with serviceSelectors announces what is labelled, and follows the label", async () => {
    await advertise({ serviceSelectors: [{ matchLabels: { tier: "web" } }] });
    const { name, address } = await ground.serve("e048", { labels: { tier: "web" } });
    await ground.cluster.kubectl("label", "service", name, "tier=db", "--overwrite");
    await eventually("nobody announces", async () => (await ground.announced(address)).length === 0);
    await ground.cluster.kubectl("label", "service", name, "tier=web", "--overwrite");
    await ground.announcer(address);
  }, 30_000);

  test("E052, E055 to E058: preference moves the announcement among those who may, and weights add up", async () => {
    const { address, announcer: natural } = await ground.serve("e052");
    const [first = "", second = ""] = ["node1", "node2", "node3"].filter((node) => node !== natural);
    const announces = (node: string) => ground.announcer(address, (announcer) => announcer === node);
    await label(first, "prefer-a=yes");
    await label(second, "prefer-b=yes");
    await advertise(preferring("prefer-a"));
    await announces(first);
    await advertise(preferring("prefer-b"));
    await announces(second);
    await advertise({ ...onNode(natural, first), ...preferring("prefer-a") });
    await announces(first);
    // Who may not announce is not preferred into announcing.
    await advertise({ ...onNode(natural), ...preferring("prefer-a") });
    await announces(natural);
    await advertise(preferring("prefer-b", 60));
    await beside("more-a", preferring("prefer-a", 60));
    await label(first, "prefer-c=yes");
    await beside("more-c", preferring("prefer-c", 50));
    await announces(first);
    await label(first, "prefer-a-", "prefer-c-");
    await announces(second);
    await label(second, "prefer-b-");
    await announces(natural);
  }, 60_000);
});
