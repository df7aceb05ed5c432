/** The definitions that this product installs, held against what a real API server asks of one. */
import { beforeEach, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { parse } from "yaml";
import { type Caller, testApi } from "../testing.ts";

const directory = `${import.meta.dir}/../../../k8s/crds`;
const files = readdirSync(directory).filter((name) => name.endsWith("s.yaml"));
const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const own = "/apis/metallb.io/v1beta1/namespaces/default";

let call: Caller;
beforeEach(() => {
  ({ call } = testApi());
});

async function install(file: string): Promise<number> {
  return (await call("POST", definitions, parse(await Bun.file(`${directory}/${file}`).text()))).status;
}

describe("k8s/crds", () => {
  test.each(files)("%s is accepted: its rules compile and cost no more than they may", async (file) => {
    expect(await install(file)).toBe(201);
  });

  test("a BGPPeer's rules hold", async () => {
    await install("bgppeers.yaml");
    const peers = "/apis/metallb.io/v1beta2/namespaces/default/bgppeers";
    const spec = { myASN: 64512, peerASN: 64513, peerAddress: "10.0.0.1" };
    const peer = (name: string, more: object) => ({ metadata: { name }, spec: { ...spec, ...more } });
    const slow = await call("POST", peers, peer("slow", { connectTime: "0s" }));
    expect(slow.body.message).toContain(
      'spec.connectTime: Invalid value: "string": connectTime must be from 1s to 65535s',
    );
    const created = await call(
      "POST",
      peers,
      peer("good", { connectTime: "10s", enableGracefulRestart: true }),
    );
    expect(created.status).toBe(201);
    const changed = await call("PATCH", `${peers}/good`, { spec: { enableGracefulRestart: false } }, "merge");
    expect([changed.status, changed.body.message]).toEqual([
      422,
      'BGPPeer.metallb.io "good" is invalid: spec.enableGracefulRestart: Invalid value: "boolean": enableGracefulRestart cannot be changed; delete the BGPPeer and create it again',
    ]);
    expect((await call("PATCH", `${peers}/good`, { spec: { holdTime: "90s" } }, "merge")).status).toBe(200);
  });

  test("a BGPAdvertisement with serviceSelectors aggregates nothing", async () => {
    await install("bgpadvertisements.yaml");
    const advertisement = (name: string, spec: object) =>
      call("POST", `${own}/bgpadvertisements`, { metadata: { name }, spec });
    const serviceSelectors = [{ matchLabels: { a: "b" } }];
    expect((await advertisement("plain", { serviceSelectors })).status).toBe(201);
    const refused = await advertisement("wide", { serviceSelectors, aggregationLength: 24 });
    expect(refused.body.message).toContain("serviceSelectors go only with aggregationLength 32");
    expect((await advertisement("none", { serviceSelectors: [], aggregationLength: 24 })).status).toBe(201);
  });

  test("the names in a Service's status stay", async () => {
    await install("servicel2statuses.yaml");
    const path = `${own}/servicel2statuses`;
    await call("POST", path, { metadata: { name: "l2" } });
    const status = (node: string) => call("PATCH", `${path}/l2/status`, { status: { node } }, "merge");
    expect((await status("node1")).status).toBe(200);
    expect((await status("node1")).status).toBe(200);
    expect((await status("node2")).body.message).toContain(
      'status.node: Invalid value: "string": the value cannot be changed',
    );
  });
});
