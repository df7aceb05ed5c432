/**
 * How long an ARP request waits for its reply, and how many are answered a second: by the data plane for an address
 * that it owns, and by the kernel for the same node's own address. The asker spins, so that its own wake-up is not
 * counted; requests are 1 ms apart, and then 32 at a time.
 */
import { arpFrameBytes, encodeArp, etherTypeArp, ipv4Number } from "#core/l2/mod.ts";
import { arpFilter, MemoryBlock, PacketSocket } from "#io/mod.ts";
import { L2Lan } from "../integration/harness/l2_lan.ts";
import { L2Node } from "../integration/harness/l2_node.ts";
import { cleanUpOnSignal } from "./ending.ts";
import { nthAddress } from "./examples.ts";
import { quantile, table } from "./measure.ts";

const requests = 2_000;
const windowRequests = 32;
const giveUpMs = 1_000;

interface Answers {
  readonly tookUs: number[];
  readonly lost: number;
  readonly perSecond: number;
}

const [mode = "", ...args] = process.argv.slice(2);
if (mode === "ask") console.log(JSON.stringify(ask(args)));
else await measure();

async function measure(): Promise<void> {
  const lan = new L2Lan(["node1", "client"]);
  const node = new L2Node(lan, "node1");
  cleanUpOnSignal(async () => {
    await node.kill();
    lan.remove();
  });
  try {
    await node.until("interfaces");
    const owned = Array.from({ length: 1_000 }, (_, index) => nthAddress("10.88.0.0", index));
    const rows: (string | number)[][] = [];
    const from = async (name: string, target: string) => {
      const { tookUs, lost, perSecond } = await asked(lan, target);
      const shares = [0.5, 0.9, 0.99, 0.999].map((share) => quantile(tookUs, share));
      rows.push([name, ...shares, lost, perSecond]);
    };
    await from("the kernel", lan.address("node1"));
    for (const count of [1, owned.length]) {
      const last = owned[count - 1] ?? "";
      node.own(...owned.slice(0, count));
      await node.until("announced", ({ address }) => address === last);
      await from(`the data plane, ${count.toLocaleString("en")} owned`, last);
    }
    const headings = ["who replies", "p50 us", "p90", "p99", "p99.9", "lost", "replies/s"];
    table(`ARP, ${requests.toLocaleString("en")} requests over a bridge`, headings, rows);
  } finally {
    await node.stop();
    lan.remove();
  }
}

async function asked(lan: L2Lan, target: string): Promise<Answers> {
  const [{ ifindex }] = JSON.parse(lan.ip("client", "-j", "link", "show", "dev", "eth0"));
  const program = [process.execPath, import.meta.path, "ask"];
  const facts = [`${ifindex}`, lan.mac("client"), lan.address("client"), target];
  const child = Bun.spawn(lan.command("client", ...program, ...facts), { stdout: "pipe", stderr: "inherit" });
  return (await new Response(child.stdout).json()) as Answers;
}

function ask([index = "", mac = "", sender = "", target = ""]: string[]): Answers {
  const vip = ipv4Number(target) ?? 0;
  const socket = new PacketSocket("eth0", Number(index), etherTypeArp, arpFilter(Number(index), [vip]));
  const block = new MemoryBlock(4_096);
  const request = block.carve(arpFrameBytes);
  const answer = block.carve(2_048);
  request.bytes.set(
    encodeArp({
      destination: "ff:ff:ff:ff:ff:ff",
      source: mac,
      operation: 1,
      senderMac: mac,
      senderAddress: ipv4Number(sender) ?? 0,
      targetMac: "00:00:00:00:00:00",
      targetAddress: vip,
      trailer: new Uint8Array(0),
    }),
  );
  const isAnswer = () => socket.receive(answer) > 0 && answer.bytes[0] !== 0xff;

  const tookUs: number[] = [];
  let lost = 0;
  for (let count = 0; count < requests; count++) {
    const sentAt = performance.now();
    socket.send(request, arpFrameBytes);
    let isAnswered = isAnswer();
    while (!isAnswered && performance.now() - sentAt < giveUpMs) isAnswered = isAnswer();
    if (isAnswered) tookUs.push((performance.now() - sentAt) * 1e3);
    else lost++;
    while (performance.now() - sentAt < 1);
  }

  const startedAt = performance.now();
  let answered = 0;
  for (let round = 0; round < requests; round += windowRequests) {
    for (let sent = 0; sent < windowRequests; sent++) socket.send(request, arpFrameBytes);
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
