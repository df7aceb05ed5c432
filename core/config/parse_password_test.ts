import { describe, expect, test } from "bun:test";
import { none, object } from "./fixtures.ts";
import { type ConfigResources, parseConfig } from "./mod.ts";

const peer = (more: object) =>
  object("BGPPeer", "tor", { myASN: 1, peerASN: 2, peerAddress: "192.0.2.1", ...more });
const fromSecret = peer({ passwordSecret: { name: "tor", namespace: "ignored" } });

function parse(
  secrets: ConfigResources["secrets"],
  previous = undefined as undefined | ReturnType<typeof parseConfig>,
) {
  return parseConfig({ ...none, peers: [fromSecret], ...(secrets && { secrets }) }, previous?.config);
}

describe("passwordSecret", () => {
  test("gives the password of its Secret", () => {
    const { config, issues } = parse([{ name: "tor", type: "kubernetes.io/basic-auth", password: "hidden" }]);
    expect(issues).toEqual([]);
    expect(config.peers[0]).toMatchObject({ password: "hidden", passwordSecret: "tor" });
  });

  test("is not looked up where no Secrets are given, as in the controller", () => {
    const { config, issues } = parse(undefined);
    expect(issues).toEqual([]);
    expect(config.peers[0]?.password).toBeUndefined();
  });

  test.each<[string, ConfigResources["secrets"], string]>([
    [
      "missing",
      [],
      'there is no Secret "tor" in the namespace of the BGPPeer; create one of type kubernetes.io/basic-auth with the key "password"',
    ],
    [
      "of another type",
      [{ name: "tor", type: "Opaque", password: "hidden" }],
      'Secret "tor" is of type "Opaque"; allowed is kubernetes.io/basic-auth',
    ],
    [
      "without a password",
      [{ name: "tor", type: "kubernetes.io/basic-auth" }],
      'Secret "tor" has no key "password"',
    ],
    [
      "too long",
      [{ name: "tor", type: "kubernetes.io/basic-auth", password: "p".repeat(81) }],
      "the password has 81 bytes; TCP MD5 (RFC 2385) takes at most 80 on Linux",
    ],
    [
      "unreadable",
      { unreadable: "secrets is forbidden" },
      'Secret "tor" cannot be read: secrets is forbidden; allow the speaker to get, list and watch the Secrets of its namespace',
    ],
  ])("%s rejects the BGPPeer", (_, secrets, message) => {
    const { config, issues } = parse(secrets);
    expect(issues.map((issue) => issue.message)).toEqual([`spec.passwordSecret.name: ${message}`]);
    expect(config.peers).toEqual([]);
  });

  test("that goes missing leaves the last password in force", () => {
    const before = parse([{ name: "tor", type: "kubernetes.io/basic-auth", password: "hidden" }]);
    const { config, issues } = parse([], before);
    expect(config.peers[0]?.password).toBe("hidden");
    expect(issues.map(({ code }) => code)).toEqual(["peer.secret-unknown"]);
  });

  test("beside spec.password is refused, and no message ever has the password", () => {
    const { issues } = parseConfig({
      ...none,
      peers: [peer({ password: "hidden", passwordSecret: { name: "tor" } })],
      secrets: [],
    });
    expect(issues.map(({ code }) => code)).toEqual(["peer.two-passwords"]);
    expect(JSON.stringify(issues)).not.toContain("hidden");
  });
});
