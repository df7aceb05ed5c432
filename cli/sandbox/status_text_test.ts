import { expect, test } from "bun:test";
import type { SandboxStatus } from "#sandbox/mod.ts";
import { statusText } from "./status_text.ts";
import { sayFor } from "./texts.ts";

const status: SandboxStatus = {
  stateDirectory: "/s",
  hasLan: true,
  api: "https://127.0.0.1:6443",
  kubeconfig: "/s/kubeconfig",
  console: "http://127.0.0.1:7472",
  stations: [
    { name: "router", address: "192.168.1.1", processes: [{ name: "bird", pid: 8, state: "running" }] },
    { name: "client", address: "192.168.1.100", processes: [] },
    {
      name: "node1",
      address: "192.168.1.11",
      cut: "carrier",
      processes: [
        { name: "speaker", pid: 9, state: "ended", metrics: "127.0.0.1:7473" },
        { name: "agent", pid: 10, state: "running" },
      ],
    },
  ],
  bgpSessions: [],
  leaders: [
    { address: "192.168.1.240", nodes: ["node2"] },
    { address: "192.168.1.241", nodes: [] },
  ],
};

test("statusText() shows stations, processes, cuts, sessions and leaders", () => {
  expect(statusText(status, sayFor({}))).toBe(`  API          https://127.0.0.1:6443
  KUBECONFIG   /s/kubeconfig
  console      http://127.0.0.1:7472

STATION  ADDRESS        LINK        PROCESS  PID  STATE    METRICS
router   192.168.1.1    up          bird     8    running
client   192.168.1.100  up
node1    192.168.1.11   no carrier  speaker  9    ended    127.0.0.1:7473
                                    agent    10   running

BGP sessions up at the router: none
Announced on the LAN:
  192.168.1.240   node2
  192.168.1.241   nobody`);
});

test("statusText() says which of several controllers leads", () => {
  const controller = (station: string, pid: number, isLeader: boolean) => ({
    name: station,
    address: "192.168.1.5",
    processes: [{ name: "controller", pod: `${station}-pod`, pid, state: "ready" as const, isLeader }],
  });
  const shown = (...stations: SandboxStatus["stations"]) =>
    statusText({ ...status, stations }, sayFor({}))
      .split("\n")
      .filter((line) => line.startsWith("controller"))
      .map((line) => line.trim().split(/ +/).at(-1));
  expect(shown(controller("controller", 1, false), controller("controller-2", 2, true))).toEqual([
    "standby",
    "leads",
  ]);
  expect(shown(controller("controller", 1, true))).toEqual(["ready"]);
});

test("statusText() aligns Korean, whose letters are two columns wide", () => {
  const lines = statusText(status, sayFor({ LANG: "ko" })).split("\n");
  const column = (line: string | undefined, text: string) =>
    Bun.stringWidth((line ?? "").split(text)[0] ?? "");
  expect(column(lines[4], "주소")).toBe(column(lines[5], "192.168.1.1"));
  expect(column(lines[4], "PID")).toBe(column(lines[7], "9 "));
});

test("statusText() says when the console does not answer", () => {
  const { leaders: _, ...silent } = status;
  expect(statusText(silent, sayFor({}))).toEndWith("The console does not answer.");
});
