import type { WitnessAnswer } from "#core/membership/ring/mod.ts";
import { errnoName, MemoryBlock, PacketSocket, SystemError } from "#io/mod.ts";
import type { Timed } from "../loop.ts";
import type { Problems } from "../problems.ts";
import type { OwnLink } from "./own_links.ts";
import { type Question, questionFor } from "./questions.ts";

/** What the gateway has to answer within. */
const limitMs = 300;
/** A question or an answer may be lost. */
const repeatMs = 100;
/** While a question is open its sockets are looked at this often: no descriptor has to join the loop for it. */
const lookMs = 5;
const frameBytesMax = 2_048;
const framesPerLook = 64;

interface Open {
  readonly question: Question;
  readonly socket: PacketSocket;
}

/**
 * Asks the default gateway by ARP or NDP whether this node's own link works. Packet sockets are open only while a
 * question is; nothing is asked, and nothing confirmed, on an interface without carrier.
 */
export class GatewayWitness implements Timed {
  readonly #problems: Problems;
  readonly #answer: (answer: WitnessAnswer, now: number) => void;
  readonly #gateways: () => readonly string[];
  readonly #block = new MemoryBlock(2 * frameBytesMax);
  readonly #received = this.#block.carve(frameBytesMax);
  readonly #sent = this.#block.carve(frameBytesMax);
  #links: readonly OwnLink[] = [];
  #open: Open[] = [];
  #endsAt = Infinity;
  #lookAt = Infinity;
  #repeatAt = Infinity;

  constructor(
    problems: Problems,
    answer: (answer: WitnessAnswer, now: number) => void,
    gateways: () => readonly string[],
  ) {
    this.#problems = problems;
    this.#answer = answer;
    this.#gateways = gateways;
  }

  setLinks(links: readonly OwnLink[]): void {
    this.#links = links;
  }

  ask(now: number): void {
    if (this.#open.length > 0) return;
    const gateways = this.#gateways();
    if (gateways.length === 0) {
      this.#answer("absent", now);
      return;
    }
    this.#open = this.#links.flatMap((link) =>
      gateways.flatMap((gateway) => this.#start(link, questionFor(gateway, link), now)),
    );
    if (this.#open.length === 0) this.#answer("silent", now);
    else {
      this.#endsAt = now + limitMs;
      this.#repeat(now);
    }
  }

  nextDeadline(): number {
    return this.#open.length === 0 ? Infinity : Math.min(this.#lookAt, this.#endsAt);
  }

  expire(now: number): void {
    if (this.#open.some(({ question, socket }) => this.#isAnswered(question, socket)))
      this.#end("confirms", now);
    else if (now >= this.#endsAt) this.#end("silent", now);
    else if (now >= this.#repeatAt) this.#repeat(now);
    else this.#lookAt = now + lookMs;
  }

  close(): void {
    for (const { socket } of this.#open) socket.close();
    this.#open = [];
  }

  #start(link: OwnLink, question: Question | undefined, now: number): Open[] {
    if (!question) return [];
    try {
      const socket = new PacketSocket(link.name, link.index, question.etherType, question.filter);
      return [{ question, socket }];
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#problems.say(`Cannot ask the gateway on ${link.name}: ${error.message}`, now);
      return [];
    }
  }

  #repeat(now: number): void {
    this.#repeatAt = now + repeatMs;
    this.#lookAt = now + lookMs;
    for (const { question, socket } of this.#open) {
      this.#sent.bytes.set(question.frame);
      const errno = socket.send(this.#sent, question.frame.length);
      if (errno !== 0) this.#problems.say(`Cannot ask the gateway: send: ${errnoName(errno)}`, now);
    }
  }

  #isAnswered(question: Question, socket: PacketSocket): boolean {
    for (let count = 0; count < framesPerLook; count++) {
      const length = socket.receive(this.#received);
      if (length <= 0) return false;
      if (question.isAnswer(this.#received.bytes.subarray(0, length))) return true;
    }
    return false;
  }

  #end(answer: WitnessAnswer, now: number): void {
    this.close();
    this.#answer(answer, now);
  }
}
