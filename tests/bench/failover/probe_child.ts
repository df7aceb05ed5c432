/**
 * Asks by ARP for an address each 10 ms, each time as another sender, so that each reply names its request; on the
 * end of standard input it waits for late replies and prints {@link Probed}. Arguments: interface, its index, its
 * MAC, the address.
 */
import { arpFrameBytes, arpOffsets, encodeArp, etherTypeArp, ipv4Number } from "#core/l2/mod.ts";
import { arpFilter, MemoryBlock, PacketSocket } from "#io/mod.ts";

export interface Probed {
  readonly sent: number;
  readonly unanswered: number;
  /** The longest row of probes without an answer. */
  readonly longestGap: number;
}

const everyMs = 10;
/** An answer that is later is none. */
const patienceMs = 500;
/** 10.99.64.0 and on: nobody's addresses; with as many no number comes twice while an answer may be under way. */
const firstSender = 0x0a634000;
const senders = 4_096;

if (import.meta.main) await main(process.argv.slice(2));

async function main([device = "", index = "", mac = "", target = ""]: string[]): Promise<void> {
  const address = ipv4Number(target) ?? 0;
  const socket = new PacketSocket(device, Number(index), etherTypeArp, arpFilter(Number(index), [address]));
  const block = new MemoryBlock(4_096);
  const request = block.carve(arpFrameBytes);
  const reply = block.carve(2_048);
  const answered: boolean[] = [];
  const startedAt = performance.now();
  let isEnding = false;
  void (async () => {
    for await (const _ of Bun.stdin.stream());
    isEnding = true;
  })();
  while (!isEnding) {
    // On schedule, not an interval after the last: a late turn sends what it missed.
    while (answered.length * everyMs <= performance.now() - startedAt) ask(answered.length);
    hear();
    await Bun.sleep(2);
  }
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    hear();
    await Bun.sleep(2);
  }
  socket.close();
  console.log(JSON.stringify(summed(answered)));

  function ask(number: number): void {
    request.bytes.set(
      encodeArp({
        destination: "ff:ff:ff:ff:ff:ff",
        source: mac,
        operation: 1,
        senderMac: mac,
        senderAddress: firstSender + (number % senders),
        targetMac: "00:00:00:00:00:00",
        targetAddress: address,
        trailer: new Uint8Array(0),
      }),
    );
    socket.send(request, arpFrameBytes);
    answered.push(false);
  }

  function hear(): void {
    while (socket.receive(reply) > 0) {
      const sender = reply.view.getUint32(arpOffsets.targetAddress) - firstSender;
      if (sender < 0 || sender >= senders) continue;
      const behind = (((answered.length - 1 - sender) % senders) + senders) % senders;
      answered[answered.length - 1 - behind] = true;
    }
  }
}

function summed(answered: readonly boolean[]): Probed {
  let gap = 0;
  let longestGap = 0;
  for (const isAnswered of answered) {
    gap = isAnswered ? 0 : gap + 1;
    longestGap = Math.max(longestGap, gap);
  }
  return { sent: answered.length, unanswered: answered.filter((each) => !each).length, longestGap };
}
