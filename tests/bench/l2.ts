/**
 * How long an ARP request or a Neighbor Solicitation waits for its answer, and how many are answered a second: by the
 * data plane for an address that it owns, also while its process's main thread is busy, and by the kernel for the same
 * node's own address. The asker spins, so that its own wake-up is not counted; questions are 1 ms apart, and then 32 at a
 * time. Then what the process costs while nobody asks it anything.
 */
import { readdirSync, readFileSync } from "node:fs";
import {
  arpFrameBytes,
  encodeArp,
  encodeNdp,
  etherTypeArp,
  etherTypeIpv6,
  ipv4Number,
  solicitedNodeGroup,
} from "#core/l2/mod.ts";
import { addressFromBytes, addressToBytes, type IpAddress, macToBytes, parseAddress } from "#core/net/mod.ts";
import { arpFilter, MemoryBlock, ndpFilter, PacketSocket } from "#io/mod.ts";
import { L2Lan } from "../integration/harness/l2_lan.ts";
import { L2Node } from "../integration/harness/l2_node.ts";
import { cleanUpOnSignal } from "./ending.ts";
import { nthAddress } from "./examples.ts";
import { cpuMsOf, quantile, table } from "./measure.ts";

const requests = 2_000;
const windowRequests = 32;
const giveUpMs = 1_000;
const most = 10_000;
const foreignRequests = 5_000;

interface Answers {
  readonly tookUs: number[];
  readonly lost: number;
  readonly perSecond: number;
}

const [mode = "", ...args] = process.argv.slice(2);
if (mode === "ask") console.log(JSON.stringify(ask(args, requests)));
else await measure();

async function measure(): Promise<void> {
  const lan = new L2Lan(["node1", "client"]);
  let node: L2Node | undefined;
  cleanUpOnSignal(async () => {
    await node?.kill();
    lan.remove();
  });
  try {
    for (const family of ["ARP", "NDP"] as const) {
      const owned = Array.from({ length: most }, (_, index) =>
        family === "ARP" ? nthAddress("10.88.0.0", index) : `fd77::8:${(index + 1).toString(16)}`,
      );
      const rows: (string | number)[][] = [];
      const from = async (name: string, target: string) => {
        const { tookUs, lost, perSecond } = await asked(lan, target);
        const shares = [0.5, 0.9, 0.99, 0.999].map((share) => quantile(tookUs, share));
        rows.push([name, ...shares, lost, perSecond]);
      };
      await from("the kernel", family === "ARP" ? lan.address("node1") : lan.address6("node1"));
      for (const isBusy of [false, true]) {
        node = await started(lan, isBusy);
        for (const count of isBusy ? [most] : [1, 1_000, most]) {
          const last = owned[count - 1] ?? "";
          node.own(...owned.slice(0, count));
          await node.until("announced", ({ address }) => address === last, { timeoutMs: 20_000 });
          const words = `the data plane, ${count.toLocaleString("en")} owned${isBusy ? ", main thread busy" : ""}`;
          await from(words, last);
        }
        if (family === "ARP" && !isBusy) await quiet(lan, node);
        await node.kill();
      }
      const headings = ["who replies", "p50 us", "p90", "p99", "p99.9", "lost", "replies/s"];
      table(`${family}, ${requests.toLocaleString("en")} questions over a bridge`, headings, rows);
    }
  } finally {
    await node?.kill();
    lan.remove();
  }
}

async function started(lan: L2Lan, isBusy: boolean): Promise<L2Node> {
  const node = new L2Node(lan, "node1", { wrapper: isBusy ? ["env", "MLBT_BUSY=1"] : [] });
  await node.until("interfaces", ({ interfaces }) =>
    interfaces.some((each) => each.addresses.some((text) => text.startsWith("fe80:"))),
  );
  return node;
}

/** What the process does while others ask for what it does not own, and while nobody asks: with 10,000 owned. */
async function quiet(lan: L2Lan, node: L2Node): Promise<void> {
  // The burst of announcements is over, and the filter is made.
  await Bun.sleep(7_000);
  const bare = await idleBun();
  const spent = async (act: () => Promise<unknown>): Promise<number[]> => {
    const [before, cpuBefore] = [wakeUps(node.pid), await cpuMsOf(node.pid)];
    await act();
    return [wakeUps(node.pid) - before, (await cpuMsOf(node.pid)) - cpuBefore];
  };
  const idle = await spent(() => Bun.sleep(3_000));
  const foreign = await spent(() => asked(lan, "10.99.0.1", "foreign"));
  table(
    "The process with 10,000 owned",
    ["while", "wake-ups", "CPU ms"],
    [
      ["nobody asks, 3 s", ...idle],
      ["an idle Bun beside it, 3 s", ...bare],
      [`${foreignRequests.toLocaleString("en")} requests for an address of nobody`, ...foreign],
    ],
  );
}

/** What a Bun that does nothing costs in the same time: wake-ups and CPU ms. */
async function idleBun(): Promise<[number, number]> {
  const child = Bun.spawn([process.execPath, "-e", "setInterval(() => {}, 3_600_000)"]);
  try {
    // Its start is not its idleness.
    await Bun.sleep(1_000);
    const [before, cpuBefore] = [wakeUps(child.pid), await cpuMsOf(child.pid)];
    await Bun.sleep(3_000);
    return [wakeUps(child.pid) - before, (await cpuMsOf(child.pid)) - cpuBefore];
  } finally {
    child.kill();
    await child.exited;
  }
}

/** Voluntary context switches of all threads. */
function wakeUps(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
    const status = readFileSync(`/proc/${pid}/task/${task}/status`, "utf8");
    return sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  }, 0);
}

async function asked(lan: L2Lan, target: string, how = "answered"): Promise<Answers> {
  const [{ ifindex }] = JSON.parse(lan.ip("client", "-j", "link", "show", "dev", "eth0"));
  const program = [process.execPath, import.meta.path, "ask"];
  const sender = target.includes(":") ? lan.address6("client") : lan.address("client");
  const facts = [`${ifindex}`, lan.mac("client"), sender, target, lan.mac("node1"), how];
  const child = Bun.spawn(lan.command("client", ...program, ...facts), { stdout: "pipe", stderr: "inherit" });
  return (await new Response(child.stdout).json()) as Answers;
}

function ask([index = "", mac = "", sender = "", target = "", , how]: string[], count: number): Answers {
  const isIpv4 = !target.includes(":");
  const address = parseAddress(target) as IpAddress;
  const socket = isIpv4
    ? new PacketSocket(
        "eth0",
        Number(index),
        etherTypeArp,
        arpFilter(Number(index), [ipv4Number(target) ?? 0]),
      )
    : new PacketSocket(
        "eth0",
        Number(index),
        etherTypeIpv6,
        ndpFilter(Number(index), [addressToBytes(address)]),
      );
  const block = new MemoryBlock(4_096);
  const request = block.carve(256);
  const answer = block.carve(2_048);
  const question = isIpv4 ? arpQuestion(mac, sender, target) : ndpQuestion(mac, sender, address);
  request.bytes.set(question);
  const send = () => socket.send(request, question.length);
  // What goes to everybody is an announcement.
  const isAnswer = () => socket.receive(answer) > 0 && ((answer.bytes[0] ?? 1) & 1) === 0;
  if (how === "foreign") {
    for (let sent = 0; sent < foreignRequests; sent++) send();
    socket.close();
    return { tookUs: [], lost: 0, perSecond: 0 };
  }

  const tookUs: number[] = [];
  let lost = 0;
  for (let asked = 0; asked < count; asked++) {
    const sentAt = performance.now();
    send();
    let isAnswered = isAnswer();
    while (!isAnswered && performance.now() - sentAt < giveUpMs) isAnswered = isAnswer();
    if (isAnswered) tookUs.push((performance.now() - sentAt) * 1e3);
    else lost++;
    while (performance.now() - sentAt < 1);
  }

  const startedAt = performance.now();
  let answered = 0;
  for (let round = 0; round < count; round += windowRequests) {
    for (let sent = 0; sent < windowRequests; sent++) send();
    const until = performance.now() + giveUpMs;
    for (let received = 0; received < windowRequests && performance.now() < until; ) {
      if (!isAnswer()) continue;
      received++;
      answered++;
    }
  }
  const perSecond = (answered * 1e3) / (performance.now() - startedAt);
  socket.close();
  return { tookUs, lost, perSecond };
}

function arpQuestion(mac: string, sender: string, target: string): Uint8Array {
  const question = encodeArp({
    destination: "ff:ff:ff:ff:ff:ff",
    source: mac,
    operation: 1,
    senderMac: mac,
    senderAddress: ipv4Number(sender) ?? 0,
    targetMac: "00:00:00:00:00:00",
    targetAddress: ipv4Number(target) ?? 0,
    trailer: new Uint8Array(0),
  });
  return question.subarray(0, arpFrameBytes);
}

function ndpQuestion(mac: string, sender: string, target: IpAddress): Uint8Array {
  const group = solicitedNodeGroup(addressToBytes(target));
  const last = [...group.subarray(12)].map((byte) => byte.toString(16).padStart(2, "0"));
  return encodeNdp({
    destination: `33:33:${last.join(":")}`,
    source: mac,
    trafficClassAndFlow: 0,
    sourceAddress: parseAddress(sender) as IpAddress,
    destinationAddress: addressFromBytes(group) as IpAddress,
    type: 135,
    flags: 0,
    target,
    options: [{ type: 1, value: macToBytes(mac) }],
    trailer: new Uint8Array(0),
  });
}
