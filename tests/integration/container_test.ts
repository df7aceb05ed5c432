/** The image as a container engine starts it: crun, with the user, capabilities and seccomp profile of the manifests. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "./controller_support.ts";
import { ContainerLab, cannotStartContainers } from "./harness/container/container_lab.ts";

const lacking = cannotStartContainers();
const waitMs = 20_000;

const objects = [
  { apiVersion: "v1", kind: "Node", metadata: { name: "node1" } },
  metallb("IPAddressPool", { addresses: ["192.0.2.64/28"] }),
  metallb("L2Advertisement", {}),
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: { type: "LoadBalancer", selector: { app: "web" }, ports: [{ port: 80 }] },
  },
  {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "web-1", namespace: "default", labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv4",
    ports: [{ port: 80 }],
    endpoints: [{ addresses: ["10.244.0.2"], nodeName: "node1", conditions: { ready: true } }],
  },
];

describe.skipIf(lacking !== undefined)(`the image under crun${lacking ? ` (${lacking})` : ""}`, () => {
  let lab: ContainerLab;
  beforeAll(async () => {
    lab = await ContainerLab.start("container");
    for (const object of objects) await lab.kubectl("apply -f -", JSON.stringify(object));
  }, 120_000);
  afterAll(() => lab?.end());

  async function privileges() {
    const { status, root } = await lab.look();
    const { Uid, Gid, CapEff, CapPrm, CapBnd, CapAmb, NoNewPrivs, Seccomp } = status;
    return {
      Uid,
      Gid,
      CapEff,
      CapPrm,
      CapBnd,
      CapAmb,
      NoNewPrivs,
      Seccomp,
      isReadOnly: root.split(",")[0] === "ro",
    };
  }

  const none = "0000000000000000";
  /** Bit 13 (capability.h). */
  const netRaw = "0000000000002000";

  test("the controller gives addresses as nobody, without a capability", async () => {
    await lab.startPart("controller");
    expect(await privileges()).toEqual({
      Uid: "65534\t65534\t65534\t65534",
      Gid: "65534\t65534\t65534\t65534",
      ...{ CapEff: none, CapPrm: none, CapBnd: none, CapAmb: none },
      ...{ NoNewPrivs: "1", Seccomp: "2", isReadOnly: true },
    });
    await eventually("the Service has its address", waitMs, async () =>
      (await lab.kubectl("get service web -o jsonpath={.status.loadBalancer.ingress[*].ip}")).includes(
        "192.0.2.64",
      ),
    );
    await eventually("the certificate and the ring's key are made", waitMs, async () => {
      const data = await lab.kubectl("get secrets -n metallb-system -o jsonpath={.items[*].data}");
      return data.includes("secretkey") && data.includes("tls.crt");
    });
    expect(await lab.stopPart()).toEndWith("exit 0");
  }, 60_000);

  test("the speaker answers ARP as root with NET_RAW alone", async () => {
    await lab.startPart("speaker");
    expect(await privileges()).toEqual({
      Uid: "0\t0\t0\t0",
      Gid: "65534\t65534\t65534\t65534",
      ...{ CapEff: netRaw, CapPrm: netRaw, CapBnd: netRaw, CapAmb: none },
      ...{ NoNewPrivs: "1", Seccomp: "2", isReadOnly: true },
    });
    await eventually("the address is answered for on the wire", waitMs, async () => {
      const asked = Bun.spawn([
        "ip",
        "netns",
        "exec",
        lab.network.router,
        "arping",
        "-c1",
        "-w1",
        "-I",
        "eth0",
        "192.0.2.64",
      ]);
      return (await asked.exited) === 0;
    });
    expect(await lab.stopPart()).toEndWith("exit 0");
  }, 60_000);
});

function metallb(kind: string, spec: object) {
  return {
    apiVersion: "metallb.io/v1beta1",
    kind,
    metadata: { name: "first", namespace: "metallb-system" },
    spec,
  };
}
