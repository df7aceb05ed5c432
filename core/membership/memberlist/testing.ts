/** What the tests of the member share: its messages, and a member driven by hand. */
import { encodeCompound } from "./compound.ts";
import { encodeMessage } from "./message.ts";
import type { Alive, PacketMessage, PushNodeState } from "./messages.ts";
import { type Action, lanSettings, Memberlist, type MemberlistSettings, ownVersions, Wire } from "./mod.ts";

export const clear = new Wire({ isCompressing: false, verifiesIncoming: true, verifiesOutgoing: true });
export const none = new Uint8Array(0);
export const port = 7946;
export const from = { address: "10.0.0.99", port };

export const addressOf = (node: string) => `10.0.0.${node.slice(4)}`;
export const aliveOf = (node: string, incarnation = 1, more: Partial<Alive> = {}): Alive => ({
  type: "alive",
  incarnation,
  node,
  addr: addressOf(node),
  port,
  meta: none,
  vsn: ownVersions,
  ...more,
});
export const suspectOf = (node: string, accuser: string, incarnation = 1): PacketMessage => ({
  type: "suspect",
  incarnation,
  node,
  from: accuser,
});
export const deadOf = (node: string, by: string, incarnation = 1): PacketMessage => ({
  type: "dead",
  incarnation,
  node,
  from: by,
});
export const stateOf = (name: string, state: PushNodeState["state"], incarnation = 1): PushNodeState => {
  const { node, type: _, ...record } = aliveOf(name, incarnation);
  return { ...record, name: node, state };
};
/** What one suspect's respite is with so few members, by the formula. */
export const shortestMs = 4000;

/** The same numbers in each run (Numerical Recipes' generator). */
function chance(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** node1, driven by hand. */
export class Driven {
  readonly machine: Memberlist;
  readonly actions: Action[] = [];
  now = 1000;

  constructor(others: readonly string[], settings: Partial<MemberlistSettings> = {}) {
    this.machine = new Memberlist({
      name: "node1",
      address: addressOf("node1"),
      port,
      settings: { ...lanSettings, ...settings },
      wire: clear,
      metadata: none,
      random: chance(),
    });
    this.machine.restore(
      others.map((node) => stateOf(node, "alive")),
      0,
    );
    this.do(this.machine.start(this.now));
    this.forget();
  }

  do(actions: readonly Action[]): void {
    this.actions.push(...actions);
  }

  hear(...messages: PacketMessage[]): void {
    const bytes = encodeCompound(messages.map((message) => encodeMessage(message as Alive)));
    this.do(this.machine.packetReceived(bytes, from, this.now));
  }

  /** Deadline by deadline, as a driver that is never late. */
  run(forMs: number): void {
    const until = this.now + forMs;
    for (;;) {
      const deadline = this.machine.nextDeadline();
      if (deadline > until) break;
      this.now = Math.max(this.now, deadline);
      this.do(this.machine.expire(this.now));
    }
    this.now = until;
  }

  /** Until it probes somebody; gives the ping. */
  untilPing(): { to: string; seqNo: number; node: string } {
    for (let tries = 0; tries < 100; tries++) {
      const [ping] = this.sent("ping");
      if (ping) return { to: ping.to, seqNo: ping.message.seqNo, node: ping.message.node };
      this.run(this.machine.nextDeadline() - this.now);
    }
    throw new Error("it probes nobody");
  }

  sent<Type extends PacketMessage["type"]>(
    type: Type,
  ): { to: string; message: Extract<PacketMessage, { type: Type }> }[] {
    return this.actions.flatMap((action) => {
      if (action.type !== "datagram") return [];
      const { messages, faults } = clear.openPacket(action.bytes);
      if (faults.length > 0) throw new Error(`it sends what cannot be read: ${JSON.stringify(faults)}`);
      return messages
        .filter((message): message is Extract<PacketMessage, { type: Type }> => message.type === type)
        .map((message) => ({ to: action.to.address, message }));
    });
  }

  told(node: string): string[] {
    return this.actions.flatMap((action) =>
      action.type === "member" && action.member.name === node ? [action.member.state] : [],
    );
  }

  stateOf(node: string): string | undefined {
    return this.machine.members().find(({ name }) => name === node)?.state;
  }

  forget(): void {
    this.actions.length = 0;
  }
}
