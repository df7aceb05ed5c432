import type { Datagram } from "./datagram.ts";
import type { Boot } from "./identity.ts";
import type { Candidate, Member } from "./member.ts";
import { ReplayWindow } from "./replay_window.ts";
import { beatsToBelieve } from "./timing.ts";

/**
 * What a datagram is worth.
 *
 * - `nothing`: taken before, recorded of an earlier run, or after the goodbye;
 * - `misdirected`: meant for another run of this node, so it may be recorded, or its sender does not know us yet;
 * - `candidate`: authentic and made for us, of a run that has not shown yet that its path works;
 * - `proven`: the beat that makes five in a row, or the first of a run that was believed before;
 * - `known`: of the run that is believed.
 */
export type Worth = "nothing" | "misdirected" | "candidate" | "proven" | "known";

/** Judges an authentic datagram of a member, and takes it as a sign of life where it is one. */
export function hear(member: Member, datagram: Datagram, ownBoot: Boot, now: number): Worth {
  if (member.retiredBoots.includes(datagram.boot)) return "nothing";
  if (datagram.receiverBoot !== ownBoot) return "misdirected";
  return datagram.boot === member.standing?.boot
    ? hearKnown(member, datagram, now)
    : hearStranger(member, datagram, now);
}

function hearKnown(member: Member, { boot, sequence, message }: Datagram, now: number): Worth {
  if (!member.window.accept(sequence)) return "nothing";
  // A process that said goodbye only hands over; anything else is late.
  if (member.standing?.state === "left") return message.kind === "tell" ? "known" : "nothing";
  member.freshBoot = boot;
  member.heardAt = now;
  // While the believed run speaks, no other run of the node is on its way.
  member.candidate = undefined;
  return "known";
}

function hearStranger(member: Member, { boot, sequence, message }: Datagram, now: number): Worth {
  if (member.candidate?.boot !== boot)
    member.candidate = { boot, window: new ReplayWindow(), lastNumber: 0, inARow: 0, heardAt: now };
  const { candidate } = member;
  if (!candidate.window.accept(sequence)) return "nothing";
  candidate.heardAt = now;
  member.freshBoot = boot;
  if (message.kind !== "beat") return "candidate";
  count(candidate, message.number);
  if (candidate.inARow < beatsToBelieve && boot !== member.provenBoot) return "candidate";
  member.heardAt = now;
  return "proven";
}

function count(candidate: Candidate, number: number): void {
  candidate.inARow = number === candidate.lastNumber + 1 ? candidate.inARow + 1 : 1;
  candidate.lastNumber = number;
}
