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

test("ConfigurationRegion has no table of findings without one", () => {
  const text = String(<ConfigurationRegion issues={[]} findings={[]} words={words("en")} />);
  expect(text).not.toContain("deserves a look");
});
