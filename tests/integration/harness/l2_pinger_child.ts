/**
 * Asks for an address each 10 ms from `eth0` of the namespace that it runs in, `<index> <mac> <address>`:
 * a line when the first answer is there, and when its input ends, the counts as JSON. What is left over from a question
 * before is no answer to the next, so that two that answer at once make up for nothing.
 */
import { arpProbe, decodeArp, etherTypeArp, ipv4Number } from "#core/l2/mod.ts";
import { arpFilter, MemoryBlock, PacketSocket } from "#io/mod.ts";

const intervalMs = 10;
/** A machine under load may keep an answer so long; what comes later counts as none. */
const patienceMs = 1_000;

const [index = "", mac = "", address = ""] = process.argv.slice(2);
const target = ipv4Number(address) ?? 0;
const socket = new PacketSocket("eth0", Number(index), etherTypeArp, arpFilter(Number(index), [target]));
const block = new MemoryBlock(4_096);
const frame = block.carve(2_048);
const question = arpProbe(mac, target);

let asked = 0;
let unanswered = 0;
const answeredBy = new Set<string>();
let isOver = false;
process.stdin.on("end", () => (isOver = true));
process.stdin.resume();

while (!isOver) {
  // What is left over from before is no answer to this question.
  while (socket.receive(frame) > 0);
  frame.bytes.set(question);
  socket.send(frame, question.length);
  const answer = await firstAnswer();
  if (answer) {
    answeredBy.add(answer);
    if (asked === unanswered) process.stdout.write("\n");
  } else unanswered++;
  asked++;
  await Bun.sleep(intervalMs);
}
process.stdout.write(JSON.stringify({ asked, unanswered, answeredBy: [...answeredBy] }));
socket.close();

/** Who answered this node alone; announcements are for everybody, and no answers. */
async function firstAnswer(): Promise<string | undefined> {
  const until = performance.now() + patienceMs;
  while (performance.now() < until) {
    const length = socket.receive(frame);
    if (length <= 0) {
      await Bun.sleep(1);
      continue;
    }
    const arp = decodeArp(frame.bytes.slice(0, length));
    if (typeof arp !== "string" && arp.operation === 2 && arp.destination === mac) return arp.senderMac;
  }
  return undefined;
}
