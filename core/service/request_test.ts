import { describe, expect, test } from "bun:test";
import { formatAddress } from "#core/net/mod.ts";
import { reasonText } from "#core/reason/mod.ts";
import { asks, dualStack, view } from "./fixtures.ts";
import type { ServiceView } from "./mod.ts";
import { familiesOf, requestOf, sharingOf } from "./request.ts";

describe("familiesOf()", () => {
  test.each([
    ["one IPv4", {}, "ipv4 - optional"],
    ["one IPv6", { clusterIPs: ["fd00::1"] }, "ipv6 - optional"],
    ["one, PreferDualStack", { ipFamilyPolicy: "PreferDualStack" }, "ipv4 - optional"],
    ["two", dualStack, "ipv4 ipv6 optional"],
    ["two, IPv6 first", { ...dualStack, ipFamilies: ["IPv6", "IPv4"] }, "ipv6 ipv4 optional"],
    ["two, RequireDualStack", { ...dualStack, ipFamilyPolicy: "RequireDualStack" }, "ipv4 ipv6 required"],
    ["two, SingleStack", { ...dualStack, ipFamilyPolicy: "SingleStack" }, "ipv4 - optional"],
    [
      "one, RequireDualStack",
      { ipFamilyPolicy: "RequireDualStack" },
      'spec.ipFamilyPolicy is RequireDualStack, but spec.clusterIPs is ["10.96.0.1"]; it needs one IPv4 and one IPv6',
    ],
    [
      "two of one family",
      { clusterIPs: ["10.96.0.1", "10.96.0.2"] },
      'spec.clusterIPs is ["10.96.0.1","10.96.0.2"]; the family of the Service is known only from one address, or one IPv4 and one IPv6',
    ],
    ["None", { clusterIPs: ["None"] }, 'spec.clusterIPs is ["None"]'],
    ["one good and one bad", { clusterIPs: ["10.96.0.1", "x"] }, 'spec.clusterIPs is ["10.96.0.1","x"]'],
    ["three", { clusterIPs: ["10.96.0.1", "fd00::1", "fd00::2"] }, "spec.clusterIPs is"],
  ] as [string, Partial<ServiceView>, string][])("%s", (_, options, expected) => {
    const result = familiesOf(view("s", options));
    const text =
      "code" in result
        ? reasonText(result)
        : `${result.primary} ${result.secondary ?? "-"} ${result.bothRequired ? "required" : "optional"}`;
    expect(text).toStartWith(expected);
  });
});

describe("requestOf()", () => {
  function request(options: Partial<ServiceView>) {
    const service = view("s", options);
    const families = familiesOf(service);
    if ("code" in families) throw new Error(families.code);
    const { addresses, wrong, pool } = requestOf(service, families);
    return [pool ?? "-", addresses.map(formatAddress).join(" ") || "-", wrong ? reasonText(wrong) : ""]
      .join(" | ")
      .trim();
  }

  test.each([
    ["nothing", {}, "- | - |"],
    ["a pool", asks({ "address-pool": "gold" }), "gold | - |"],
    ["a pool in the old spelling", asks({ "metallb.universe.tf/address-pool": "gold" }), "gold | - |"],
    [
      "both spellings: the present one wins",
      asks({ "address-pool": "gold", "metallb.universe.tf/address-pool": "blue" }),
      "gold | - |",
    ],
    [
      "both spellings, the present one empty: it still wins",
      asks({ "address-pool": "", "metallb.universe.tf/address-pool": "blue" }),
      "- | - |",
    ],
    ["an address", asks({ loadBalancerIPs: "10.0.0.7" }), "- | 10.0.0.7 |"],
    [
      "an address in the old spelling",
      asks({ "metallb.universe.tf/loadBalancerIPs": "10.0.0.7" }),
      "- | 10.0.0.7 |",
    ],
    ["an address by spec", { loadBalancerIP: "10.0.0.7" }, "- | 10.0.0.7 |"],
    [
      "two, spaces around the comma",
      { ...dualStack, ...asks({ loadBalancerIPs: " 2001:DB8::7 , 10.0.0.7 " }) },
      "- | 2001:db8::7 10.0.0.7 |",
    ],
    [
      "by spec and by annotation",
      { loadBalancerIP: "10.0.0.7", ...asks({ loadBalancerIPs: "10.0.0.7" }) },
      "- | - | both spec.loadBalancerIP and the annotation metallb.io/loadBalancerIPs are set; allowed is one of them",
    ],
    ["no address", asks({ loadBalancerIPs: "ten" }), '- | - | "ten" is not an IP address'],
    ["an empty place in the list", asks({ loadBalancerIPs: "10.0.0.7," }), '- | - | "" is not an IP address'],
    [
      "three",
      { ...dualStack, ...asks({ loadBalancerIPs: "10.0.0.7,10.0.0.8,2001:db8::7" }) },
      "- | - | 3 addresses were asked for; allowed are one, or one IPv4 and one IPv6",
    ],
    [
      "two of one family",
      { ...dualStack, ...asks({ loadBalancerIPs: "10.0.0.7,10.0.0.8" }) },
      "- | - | both 10.0.0.7 and 10.0.0.8 are IPv4; allowed are one address, or one IPv4 and one IPv6",
    ],
    [
      "an address of the other family",
      asks({ loadBalancerIPs: "2001:db8::7" }),
      "- | 2001:db8::7 | the Service needs one IPv4 address, but 2001:db8::7 is IPv6",
    ],
    [
      "two for a Service of one family",
      asks({ loadBalancerIPs: "10.0.0.7,2001:db8::7" }),
      "- | 10.0.0.7 2001:db8::7 | the Service needs one IPv4 address, but 10.0.0.7, 2001:db8::7 is IPv4 and IPv6",
    ],
    [
      "one for a dual-stack Service",
      { ...dualStack, loadBalancerIP: "10.0.0.7" },
      "- | 10.0.0.7 | the Service needs one IPv4 and one IPv6 address, but 10.0.0.7 is IPv4",
    ],
  ] as [string, Partial<ServiceView>, string][])("%s", (_, options, expected) => {
    expect(request(options)).toBe(expected);
  });
});

describe("sharingOf()", () => {
  const shared = asks({ "allow-shared-ip": "key" });
  test.each([
    ["no key", {}, '{"key":"","backend":"","ports":[]}'],
    ["Cluster", shared, '{"key":"key","backend":"","ports":["80/TCP"]}'],
    [
      "the old spelling",
      asks({ "metallb.universe.tf/allow-shared-ip": "key" }),
      '{"key":"key","backend":"","ports":["80/TCP"]}',
    ],
    [
      "Local: the selector, whatever its order",
      { ...shared, externalTrafficPolicy: "Local", selector: { b: "2", a: "1" } },
      '{"key":"key","backend":"a=1,b=2","ports":["80/TCP"]}',
    ],
    [
      "Local without a selector is as Cluster (documented quirk of MetalLB)",
      { ...shared, externalTrafficPolicy: "Local", selector: {} },
      '{"key":"key","backend":"","ports":["80/TCP"]}',
    ],
  ] as [string, Partial<ServiceView>, string][])("%s", (_, options, expected) => {
    expect(JSON.stringify(sharingOf(view("s", options)))).toBe(expected);
  });
});
