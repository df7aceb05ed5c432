import { describe, expect, test } from "bun:test";
import { readProxyConfig, withStrictArp } from "./proxy_config.ts";

/** As kubeadm writes it, shortened; the comment is an administrator's. */
const config = (mode: string, strictArp: string) => `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clusterCIDR: 10.244.0.0/16
ipvs:
  excludeCIDRs: null
  minSyncPeriod: 0s # ours
  strictARP: ${strictArp}
mode: "${mode}"
metricsBindAddress: ""
`;

describe("readProxyConfig()", () => {
  test.each([
    ["ipvs", "false", true],
    ["ipvs", "true", false],
    ["iptables", "false", false],
    ["nftables", "false", false],
    ["", "false", false],
  ])("mode %p with strictARP %s: must act is %p", (mode, strictArp, mustAct) => {
    expect(readProxyConfig(config(mode, strictArp))).toEqual({
      mode,
      strictArp: strictArp === "true",
      mustAct,
    });
  });

  test("without the field, strictARP is off", () => {
    const text = config("ipvs", "x").replace("  strictARP: x\n", "");
    expect(readProxyConfig(text)).toMatchObject({ strictArp: false, mustAct: true });
  });

  test.each([
    ["kind: Other\n", "is of kind Other, not KubeProxyConfiguration"],
    ["a: [", "is not YAML"],
  ])("refuses %p in words", (text, words) => {
    expect(() => readProxyConfig(text)).toThrow(words);
  });
});

describe("withStrictArp()", () => {
  test("changes that one value and nothing else", () => {
    expect(withStrictArp(config("ipvs", "false"))).toBe(config("ipvs", "true"));
  });

  test("makes the section where there is none", () => {
    const text = "kind: KubeProxyConfiguration\nmode: ipvs\n";
    expect(readProxyConfig(withStrictArp(text))).toMatchObject({ mode: "ipvs", strictArp: true });
  });
});
