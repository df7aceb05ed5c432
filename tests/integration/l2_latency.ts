/**
 * How long an ARP request waits for its answer, and how many are answered a second. Run by hand, as root:
 *
 *   bun tests/integration/l2_latency.ts [requests 5000] [owned addresses 1]
 *
 * The asker spins, so that its own wake-up is not counted; requests are 1 ms apart, and then 32 at a time.
 */
import { arpFrameBytes, encodeArp, etherTypeArp, ipv4Number } from "#core/l2/mod.ts";
import { arpFilter, MemoryBlock, PacketSocket } from "#io/mod.ts";
import { L2Lan } from "./harness/l2_lan.ts";
import { L2Node } from "./harness/l2_node.ts";

const windowRequests = 32;
const giveUpMs = 1_000;

const [first = "5000", second = "1", ...rest] = process.argv.slice(2);
if (first === "ask") ask(Number(second), rest);
else await measure(Number(first), Number(second));

async function measure(requests: number, addressCount: number): Promise<void> {
  const lan = new L2Lan(["node1", "client"]);
  const node = new L2Node(lan, "node1");
  try {
    await node.until("interfaces");
    const addresses = Array.from(
      { length: addressCount },
      (_, index) => `10.88.${index >> 8}.${index & 255}`,
    );
    const last = addresses.at(-1) ?? "";
    node.own(...addresses);
    await node.until("announced", ({ address }) => address === last);
    const [{ ifindex }] = JSON.parse(lan.ip("client", "-j", "link", "show", "dev", "eth0"));
    const asker = [process.execPath, import.meta.path, "ask", `${requests}`];
    const argv = lan.command(
      "client",
      ...asker,
      `${ifindex}`,
      lan.mac("client"),
      lan.address("client"),
      last,
    );
    await Bun.spawn(argv, { stdout: "inherit", stderr: "inherit" }).exited;
    await Bun.sleep(600);
    console.log("counted by the node:", JSON.stringify(node.counters(last)));
  } finally {
    await node.stop();
    lan.remove();
  }
}

function ask(requests: number, [index = "", mac = "", sender = "", target = ""]: string[]): void {
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
    while (!isAnswer() && performance.now() - sentAt < giveUpMs);
    const took = performance.now() - sentAt;
    if (took < giveUpMs) tookUs.push(took * 1_000);
    else lost++;
    while (performance.now() - sentAt < 1);
  }
  tookUs.sort((a, b) => a - b);
  const at = (share: number) => (tookUs[Math.floor(tookUs.length * share)] ?? Number.NaN).toFixed(1);
  console.log(
    `${requests} requests, 1 ms apart: p50 ${at(0.5)} us, p90 ${at(0.9)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}, lost ${lost}`,
  );

  const startedAt = performance.now();
  let answered = 0;
  for (let round = 0; round < requests; round += windowRequests) {
    for (let sent = 0; sent < windowRequests; sent++) socket.send(request, arpFrameBytes);
    const until = performance.now() + giveUpMs;
    for (let received = 0; received < windowRequests && performance.now() < until; )
      if (isAnswer()) {
        received++;
        answered++;
      }
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(`${windowRequests} at a time: ${Math.round(answered / seconds)} answers a second`);
  socket.close();
}
