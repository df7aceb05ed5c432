import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkText } from "../check.ts";
import { checkManifests } from "./check_manifests.ts";

const pool = (name: string, addresses: string) => `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: ${name}, namespace: metallb-system }
spec: { addresses: ["${addresses}"] }
`;
const announceAll = `
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: all, namespace: metallb-system }
`;
const check = (...texts: string[]) => checkManifests([{ file: "pools.yaml", text: texts.join("---") }]);

describe("checkManifests()", () => {
  test("has nothing to say of what is right, and counts what is not ours", () => {
    const service = "\napiVersion: v1\nkind: Service\nmetadata: { name: web }\n";
    expect(check(pool("first", "192.168.1.240-192.168.1.250"), announceAll, service)).toEqual({
      lines: [],
      judged: 2,
      others: 1,
    });
  });

  test("names file, line, object, path and rule of a malformed range", () => {
    const { lines } = check(announceAll, pool("bad", "192.168.1.250-192.168.1.240"));
    expect(lines).toMatchObject([
      { severity: "error", where: "pools.yaml:6", object: "IPAddressPool bad", path: "spec.addresses[0]" },
    ]);
    expect(lines[0]?.message).toContain("192.168.1.250-192.168.1.240");
  });

  test("judges objects together: the second of two overlapping pools is rejected and names the first", () => {
    const { lines } = check(pool("a", "10.0.0.0/24"), pool("b", "10.0.0.128/25"), announceAll);
    expect(lines.length).toBe(1);
    expect(`${lines[0]?.object} ${lines[0]?.message}`).toMatch(/IPAddressPool b .*"a"/);
  });

  test("warns of a pool that nobody announces", () => {
    expect(check(pool("first", "10.0.0.0/24")).lines).toMatchObject([
      { severity: "warning", object: "IPAddressPool first" },
    ]);
  });

  test("reads BGPPeer v1beta1 by converting it", () => {
    const peer = (asn: number) => `
apiVersion: metallb.io/v1beta1
kind: BGPPeer
metadata: { name: tor, namespace: metallb-system }
spec: { myASN: ${asn}, peerASN: 64501, peerAddress: 10.0.0.1 }
`;
    expect(check(peer(64500)).lines).toEqual([]);
    expect(check(peer(0)).lines).toMatchObject([{ severity: "error", object: "BGPPeer tor" }]);
  });

  test.each([
    ["not YAML", "a: [1\n", "it is not YAML"],
    ["not an object", "- 1\n", "it is not a Kubernetes object"],
    [
      "an unknown kind",
      "apiVersion: metallb.io/v1beta1\nkind: AddressPool\nmetadata: { name: x }\n",
      "known kinds: IPAddressPool",
    ],
    ["no name", "apiVersion: metallb.io/v1beta1\nkind: Community\n", "metadata.name is missing"],
  ])("says what is wrong with %s and goes on", (_, text, message) => {
    const { lines, judged } = checkManifests([
      { file: "wrong.yaml", text },
      { file: "right.yaml", text: `${pool("first", "10.0.0.0/24")}---${announceAll}` },
    ]);
    expect(
      lines.filter(({ severity }) => severity === "error").map((line) => line.where.split(":")[0]),
    ).toEqual(["wrong.yaml"]);
    expect(lines[0]?.message).toContain(message);
    expect(judged).toBe(2);
  });

  test("rejects none of our own examples", () => {
    const root = join(import.meta.dir, "..", "..", "docs", "examples");
    for (const folder of [root, join(root, "configuration")]) {
      const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
      expect(files.length).toBeGreaterThan(1);
      const sources = files.map((name) => ({ file: name, text: readFileSync(join(folder, name), "utf8") }));
      const { lines } = checkManifests(sources);
      expect(lines.filter(({ severity }) => severity === "error")).toEqual([]);
    }
  });
});

test("checkText() closes with a line that counts", () => {
  expect(
    checkText(check(pool("a", "10.0.0.0/24"), pool("b", "10.0.0.0/25"), announceAll))
      .split("\n")
      .at(-1),
  ).toBe("3 judged, 1 rejected, 0 warnings");
});
