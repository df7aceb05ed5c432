import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { convertObject, type JsonObject } from "./mod.ts";

const v1beta1 = "metallb.io/v1beta1";
const v1beta2 = "metallb.io/v1beta2";

interface Peer {
  apiVersion: string;
  metadata: { name: string; annotations?: Record<string, string> };
  spec: JsonObject;
}

function peer(apiVersion: string, spec: JsonObject, annotations?: Record<string, string>) {
  return {
    apiVersion,
    kind: "BGPPeer",
    metadata: { name: "tor", ...(annotations && { annotations }) },
    spec,
  };
}

function convert(object: unknown, to: string): Peer {
  const answer = convertObject(object, to);
  if ("failed" in answer) throw new Error(answer.failed);
  return answer.converted as unknown as Peer;
}

const asn = fc.integer({ min: 0, max: 0xffff_ffff });
const address = fc.constantFrom("192.0.2.1", "2001:db8::1");
const duration = fc.constantFrom("0s", "90s", "1m30s", "300ms");
const text = fc.constantFrom("", "one", "two");
const labels = fc.dictionary(fc.constantFrom("zone", "rack"), fc.constantFrom("a", "b"));
const selector = fc.record(
  {
    matchLabels: labels,
    matchExpressions: fc.array(
      fc.record(
        { key: fc.constant("zone"), operator: fc.constantFrom("In", "Exists"), values: fc.constant(["a"]) },
        { requiredKeys: ["key", "operator"] },
      ),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const common = {
  myASN: asn,
  peerASN: asn,
  peerAddress: fc.oneof(address, fc.constant("")),
  sourceAddress: address,
  holdTime: duration,
  keepaliveTime: duration,
  routerID: fc.constant("10.0.0.1"),
  nodeSelectors: fc.array(selector, { maxLength: 2 }),
  password: text,
  bfdProfile: text,
  ebgpMultiHop: fc.boolean(),
};
const oldSpec = fc.record(
  { ...common, peerPort: fc.integer({ min: 0, max: 16_384 }) },
  { requiredKeys: ["myASN", "peerASN", "peerAddress"] },
);
const newSpec = fc.record(
  {
    ...common,
    peerPort: fc.integer({ min: 1, max: 16_384 }),
    dynamicASN: fc.constantFrom("internal", "external"),
    interface: text,
    passwordSecret: fc.record({ name: text, namespace: text }, { requiredKeys: [] }),
    connectTime: duration,
    localASN: asn,
    vrf: text,
    enableGracefulRestart: fc.boolean(),
    disableMP: fc.boolean(),
    dualStackAddressFamily: fc.boolean(),
    aFieldOfLater: fc.boolean(),
  },
  { requiredKeys: ["myASN"] },
);

describe("convertObject()", () => {
  test.each([
    ["v1beta1", v1beta1, v1beta2, oldSpec],
    ["v1beta2", v1beta2, v1beta1, newSpec],
  ] as const)("there and back from %s is the identity, annotations too", (_, from, to, specs) => {
    fc.assert(
      fc.property(specs, (spec) => {
        const before = peer(from, spec as JsonObject, { owner: "me" });
        const there = convert(before, to);
        expect(there.apiVersion).toBe(to);
        expect(convert(there, from) as unknown).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  test("an unset timer of v1beta1 stays unset: MetalLB makes it a hold time of 0, without keepalives", () => {
    const old = peer(v1beta1, {
      myASN: 1,
      peerASN: 2,
      peerAddress: "192.0.2.1",
      holdTime: "0s",
      peerPort: 0,
    });
    expect(convert(old, v1beta2).spec).toEqual({
      myASN: 1,
      peerASN: 2,
      peerAddress: "192.0.2.1",
      peerPort: 179,
    });
  });

  test("what v1beta1 cannot say is kept in an annotation and nowhere else; a password is not", () => {
    const modern = peer(v1beta2, {
      myASN: 1,
      dynamicASN: "external",
      interface: "eth0",
      password: "hidden",
      connectTime: "5s",
      holdTime: "0s",
    });
    const old = convert(modern, v1beta1);
    expect(old.spec).toEqual({
      myASN: 1,
      peerASN: 0,
      peerAddress: "",
      password: "hidden",
      holdTime: "0s",
    });
    const kept = old.metadata.annotations?.["metallb.io/v1beta2-spec"] ?? "";
    expect(JSON.parse(kept)).toEqual({
      fields: { dynamicASN: "external", interface: "eth0", connectTime: "5s", holdTime: "0s" },
    });
    expect(kept).not.toContain("hidden");
  });

  test("an edit in v1beta1 wins over what was kept, and only over that", () => {
    const modern = peer(v1beta2, {
      myASN: 1,
      dynamicASN: "external",
      interface: "eth0",
      passwordSecret: { name: "tor" },
      holdTime: "0s",
      vrf: "red",
    });
    const old = convert(modern, v1beta1);
    const edit = { peerASN: 2, peerAddress: "192.0.2.1", password: "new", holdTime: "30s" };
    const edited = { ...old, spec: { ...old.spec, ...edit } };
    const back = convert(edited, v1beta2);
    expect(back.spec).toEqual({ myASN: 1, ...edit, vrf: "red" });
    expect(back.metadata.annotations).toBeUndefined();
  });

  test.each(["not JSON", "null", '"text"', '{"fields":[1]}'])(
    "an annotation that is not ours (%s) is passed over",
    (kept) => {
      const old = peer(
        v1beta1,
        { myASN: 1, peerASN: 2, peerAddress: "192.0.2.1" },
        { "metallb.io/v1beta2-spec": kept },
      );
      expect(convert(old, v1beta2).spec).toEqual({ myASN: 1, peerASN: 2, peerAddress: "192.0.2.1" });
    },
  );

  test("the same version comes back as it is", () => {
    const modern = peer(v1beta2, { myASN: 1 });
    expect(convertObject(modern, v1beta2)).toEqual({ converted: modern });
  });

  test.each([
    [7, v1beta2, "7 is not an object"],
    [
      peer(v1beta1, {}),
      "metallb.io/v1",
      '"metallb.io/v1" is not a version of BGPPeer; known are metallb.io/v1beta1 and metallb.io/v1beta2',
    ],
    [
      peer("v1", {}),
      v1beta2,
      'BGPPeer "tor" has apiVersion "v1"; known are metallb.io/v1beta1 and metallb.io/v1beta2',
    ],
    [
      { ...peer(v1beta1, {}), kind: "Community" },
      v1beta2,
      'Community "tor" cannot be converted: only BGPPeer has more than one version',
    ],
  ])("refuses %j to %s in words", (object, to, failed) => {
    expect(convertObject(object, to)).toEqual({ failed });
  });
});
