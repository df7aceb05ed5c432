import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import type { appletNames } from "#k8s/image/mod.ts";
import { scopeOf } from "./interfaces.ts";
import { interfaceText } from "./ip.ts";
import { appletCalled, runApplet } from "./mod.ts";
import { neighboursText, parseNeighbours } from "./neighbours.ts";
import { routesText } from "./routes.ts";

async function ran(name: (typeof appletNames)[number], ...args: string[]) {
  const said = { stdout: "", stderr: "" };
  const code = await runApplet(name, args, {
    stdout: (bytes) => {
      said.stdout += typeof bytes === "string" ? bytes : Buffer.from(bytes).toString();
    },
    stderr: (text) => {
      said.stderr += text;
    },
  });
  return { code, ...said };
}

test.each([
  ["wget", "wget"],
  ["/bin/ip", "ip"],
  ["./arp", "arp"],
  ["metallb", undefined],
  ["bun", undefined],
  ["/usr/bin/metallb", undefined],
])("appletCalled(%j) is %p", (name, applet) => {
  expect(appletCalled(name)).toBe(applet as never);
});

describe("wget", () => {
  let server: Bun.Server<undefined>;
  beforeAll(() => {
    server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch(request) {
        const { pathname } = new URL(request.url);
        if (pathname === "/moved") return Response.redirect("/metrics");
        if (pathname === "/headers") return new Response(request.headers.get("authorization"));
        return pathname === "/metrics" ? new Response("metallb_up 1\n") : new Response("no", { status: 404 });
      },
    });
  });
  afterAll(() => server.stop(true));

  test.each(["-qO- {}/metrics", "-q -O - {}/metrics", "-q -O- http://{}/metrics", "-T 5 -qO - {}/moved"])(
    "%s gives the page",
    async (line) => {
      const args = line.replace("{}", `127.0.0.1:${server.port}`).split(" ");
      expect(await ran("wget", ...args)).toEqual({ code: 0, stdout: "metallb_up 1\n", stderr: "" });
    },
  );

  test("a header goes with the request", async () => {
    const url = `127.0.0.1:${server.port}/headers`;
    expect((await ran("wget", "-qO-", "--header", "Authorization: Bearer x", url)).stdout).toBe("Bearer x");
  });

  test("an error of the server is told, and nothing else comes out", async () => {
    const { code, stdout, stderr } = await ran("wget", "-qO-", `127.0.0.1:${server.port}/x`);
    expect([code, stdout, stderr]).toEqual([1, "", "wget: server returned error: HTTP/1.1 404 Not Found\n"]);
  });

  test.each([
    [["-qO-", "file:///etc/passwd"], "not an http or https URL: file:///etc/passwd"],
    [["-q", "localhost/x"], "this program writes to standard output only: add -O -"],
    [["-qO", "/tmp/x", "localhost"], "this program writes to standard output only: add -O -"],
    [["-qO-"], "no URL is given"],
    [["-r", "localhost"], "unrecognized option: -r"],
    [["-qO-", "-T", "soon", "localhost"], 'a timeout is a number of seconds, not "soon"'],
  ])("%j is refused", async (args, why) => {
    const { code, stdout, stderr } = await ran("wget", ...args);
    expect([code, stdout, stderr.split("\n")[0]]).toEqual([1, "", `wget: ${why}`]);
  });
});

describe("ip", () => {
  // Netlink is Linux's.
  test.skipIf(process.platform !== "linux")("addr shows every address that the system has", async () => {
    const { code, stdout } = await ran("ip", "addr");
    expect(code).toBe(0);
    for (const [name, addresses] of Object.entries(networkInterfaces())) {
      expect(stdout).toMatch(new RegExp(`^\\d+: ${name}: <[A-Z,_-]*UP`, "m"));
      for (const { cidr } of addresses ?? []) expect(stdout).toContain(`${cidr} scope `);
    }
    expect((await ran("ip", "a", "show", "dev", "lo")).stdout).toBe(
      (await ran("ip", "address", "list", "lo")).stdout,
    );
    expect((await ran("ip", "link", "show", "lo")).stdout).not.toContain("inet");
    expect((await ran("ip", "-4", "a")).stdout).not.toContain("inet6");
  });

  test.skipIf(process.platform !== "linux")("an interface that is not there is an error", async () => {
    expect(await ran("ip", "addr", "show", "nope0")).toEqual({
      code: 1,
      stdout: "",
      stderr: 'Device "nope0" does not exist.\n',
    });
  });

  test.each([
    [["addr", "add", "192.0.2.1/32", "dev", "lo"], 'this program changes nothing: "add" is not for it'],
    [["netns"], 'object "netns" is unknown'],
    [[], "nothing is asked for"],
    [["-j", "addr"], 'option "-j" is unknown'],
  ])("%j is refused", async (args, why) => {
    const { code, stderr } = await ran("ip", ...args);
    expect([code, stderr.split("\n")[0]]).toEqual([1, `ip: ${why}`]);
  });

  test("interfaceText() writes as iproute2 does", () => {
    const link = {
      index: 2,
      name: "eth0",
      flags: ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"],
      mtu: "1500",
      state: "UP",
      type: "link/ether",
      mac: "02:00:c0:a8:01:0b",
      broadcast: "ff:ff:ff:ff:ff:ff",
      master: "br0",
      addresses: [
        { isIpv6: false, address: "192.168.1.11", prefixLength: 24, scope: "global" },
        { isIpv6: true, address: "fe80::1", prefixLength: 64, scope: "link" },
      ],
    } as const;
    expect(interfaceText(link, true)).toBe(
      `2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master br0 state UP
    link/ether 02:00:c0:a8:01:0b brd ff:ff:ff:ff:ff:ff
    inet 192.168.1.11/24 scope global eth0
    inet6 fe80::1/64 scope link
`,
    );
  });
});

test.each([
  ["127.0.0.1", "host"],
  ["::1", "host"],
  ["169.254.1.1", "link"],
  ["fe80::1", "link"],
  ["192.168.1.1", "global"],
  ["fd00::1", "global"],
])("scopeOf(%s) is %s", (address, scope) => {
  expect(scopeOf(address)).toBe(scope as never);
});

test("routesText() reads the kernel's table", () => {
  const table = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0101A8C0	0003	0	0	100	00000000	0	0	0
eth0	0001A8C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
eth1	0500000A	00000000	0005	0	0	0	FFFFFFFF	0	0	0
lo	0000FE0A	00000000	0201	0	0	0	0000FFFF	0	0	0
`;
  expect(routesText(table)).toBe(`default via 192.168.1.1 dev eth0 metric 100
192.168.1.0/24 dev eth0 scope link
10.0.0.5 dev eth1 scope link
`);
  expect(routesText(table, "eth1")).toBe("10.0.0.5 dev eth1 scope link\n");
});

test("neighboursText() tells which MACs are known", () => {
  const table = `IP address       HW type     Flags       HW address            Mask     Device
192.168.1.1      0x1         0x2         02:00:c0:a8:01:01     *        eth0
192.168.1.9      0x1         0x0         00:00:00:00:00:00     *        eth0
`;
  expect(neighboursText(parseNeighbours(table))).toBe(`192.168.1.1 dev eth0 lladdr 02:00:c0:a8:01:01
192.168.1.9 dev eth0 INCOMPLETE
`);
});
