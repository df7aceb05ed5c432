import { expect, test } from "bun:test";
import { hidden, redact } from "./redact.ts";

test("a password of a BGPPeer is hidden, also in what kubectl keeps of the apply", () => {
  const spec = { myASN: 64500, peerAddress: "192.0.2.1", password: "s3cret" };
  const told = redact({
    kind: "BGPPeer",
    metadata: {
      name: "router",
      annotations: {
        "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ spec }),
        "metallb.io/passive": "true",
      },
      managedFields: [{ manager: "kubectl" }],
    },
    spec,
  });
  expect(JSON.stringify(told)).not.toContain("s3cret");
  expect(told).toEqual({
    kind: "BGPPeer",
    metadata: { name: "router", annotations: { "metallb.io/passive": "true" } },
    spec: { ...spec, password: hidden },
  });
});

test("names of Secrets stay, values of variables that sound secret go", () => {
  const told = redact({
    metadata: { name: "speaker" },
    spec: {
      passwordSecret: { name: "bgp", namespace: "metallb-system" },
      volumes: [{ name: "memberlist", secret: { secretName: "memberlist" } }],
      env: [
        { name: "METALLB_ML_SECRET_KEY", value: "abc" },
        { name: "METALLB_NODE_NAME", value: "node1" },
        { name: "PROXY_PASSWORD", valueFrom: { secretKeyRef: { name: "proxy", key: "password" } } },
      ],
    },
  });
  expect(told.spec).toEqual({
    passwordSecret: { name: "bgp", namespace: "metallb-system" },
    volumes: [{ name: "memberlist", secret: { secretName: "memberlist" } }],
    env: [
      { name: "METALLB_ML_SECRET_KEY", value: hidden },
      { name: "METALLB_NODE_NAME", value: "node1" },
      { name: "PROXY_PASSWORD", valueFrom: { secretKeyRef: { name: "proxy", key: "password" } } },
    ],
  });
});

test("passwords in the texts of ConfigMaps are hidden: MetalLB's old configuration, and lines for FRR", () => {
  const config = "peers:\n- peer-address: 10.0.0.1\n  password: s3cret\n  my-asn: 64500\n";
  const extras = "router bgp 64500\n neighbor 10.0.0.1 password s3cret too\n neighbor 10.0.0.1 timers 3 9\n";
  const told = redact({ kind: "ConfigMap", metadata: { name: "config" }, data: { config, extras } });
  expect(told.data).toEqual({
    config: `peers:\n- peer-address: 10.0.0.1\n  password: ${hidden}\n  my-asn: 64500\n`,
    extras: `router bgp 64500\n neighbor 10.0.0.1 password ${hidden}\n neighbor 10.0.0.1 timers 3 9\n`,
  });
});
