/** @jsxImportSource hono/jsx */
import { expect, test } from "bun:test";
import { reason } from "#core/reason/mod.ts";
import { words } from "../i18n/mod.ts";
import { ConfigurationRegion } from "./configuration.tsx";

const finding = {
  severity: "warning",
  kind: "BGPAdvertisement",
  name: "bgp",
  path: "spec.peers[0]",
  why: reason("lint.peer-missing", { peer: "<tor>" }),
} as const;

test("ConfigurationRegion shows what is in force but deserves a look, in the reader's language", () => {
  const english = String(<ConfigurationRegion issues={[]} findings={[finding]} words={words("en")} />);
  expect(english).toContain("Every object of the configuration is in force");
  expect(english).toContain("BGPAdvertisement/bgp");
  expect(english).toContain("spec.peers[0]");
  expect(english).toContain("there is no BGPPeer &quot;&lt;tor&gt;&quot; in force");
  const korean = String(<ConfigurationRegion issues={[]} findings={[finding]} words={words("ko")} />);
  expect(korean).toContain("쓰이고 있지만 살펴볼 설정");
  expect(korean).toContain("BGPPeer가 없습니다");
});

test("ConfigurationRegion says all of one object in one row, which leads to the object's page", () => {
  const pool = { ...finding, kind: "IPAddressPool", name: "first-pool", path: "spec.addresses[0]" } as const;
  const range = "192.0.2.0/24";
  const findings = [
    { ...pool, why: reason("lint.gateway", { range, address: "192.0.2.1" }) },
    finding,
    { ...pool, why: reason("lint.pool-unadvertised") },
    { ...finding, kind: "Service", name: "shop/web", path: "spec" },
  ];
  const html = String(<ConfigurationRegion issues={[]} findings={findings} words={words("en")} />);
  expect(html.match(/<th scope="row"/g)).toHaveLength(3);
  expect(html.match(/href="\/pools\/first-pool"/g)).toHaveLength(1);
  expect(html).toContain('href="/services/shop/web"');
  expect(html).toContain("lint.pool-unadvertised");
});

test("ConfigurationRegion says the path of what was rejected once", () => {
  const issue = { kind: "BGPPeer", name: "tor", path: "spec.peerPort", code: "peer.port-invalid" };
  const issues = [{ ...issue, message: "spec.peerPort: 0 is no port" }];
  const html = String(<ConfigurationRegion issues={issues} findings={[]} words={words("en")} />);
  expect(html.match(/spec\.peerPort/g)).toHaveLength(1);
  expect(html).toContain("0 is no port");
});

test("ConfigurationRegion has no table of findings without one", () => {
  const text = String(<ConfigurationRegion issues={[]} findings={[]} words={words("en")} />);
  expect(text).not.toContain("deserves a look");
});
