import type { Member } from "./member.ts";
import type { MessageOf } from "./messages_types.ts";
import type { Post } from "./post.ts";
import type { Roster } from "./roster.ts";
import type { Self } from "./self.ts";

const openMax = 512;
/** Weight of a new round trip in the average, as TCP has it (RFC 6298 §2.3). */
const roundTripWeight = 1 / 8;

interface Question {
  readonly member: Member;
  readonly askedAt: number;
  /** Asked on behalf of another, whose token this is. */
  readonly errand?: { readonly by: Member; readonly token: number };
}

/** Direct and indirect questions "do you live?", and their answers. */
export class Questions {
  readonly #roster: Roster;
  readonly #self: Self;
  readonly #post: Post;
  readonly #random: () => number;
  readonly #open = new Map<number, Question>();
  #token = 0;

  constructor(roster: Roster, self: Self, post: Post, random: () => number) {
    this.#roster = roster;
    this.#self = self;
    this.#post = post;
    this.#random = random;
  }

  ask(member: Member, now: number): void {
    const token = this.#note({ member, askedAt: now });
    this.#post.send(member, { kind: "probe", token, digest: this.#roster.digest });
  }

  /** The last question before a verdict: one direct, the rest through others, or, where there are none, direct too. */
  verify(target: Member, helpers: number, now: number): void {
    const others = this.#roster.living().filter((each) => each !== target && !each.suspicion);
    this.ask(target, now);
    for (let count = 0; count < helpers; count++) {
      const [helper] = others.splice(Math.floor(this.#random() * others.length), 1);
      if (!helper) {
        this.ask(target, now);
        continue;
      }
      const token = this.#note({ member: target, askedAt: now });
      const boot = target.standing?.boot ?? 0;
      this.#post.send(helper, { kind: "probe-for", token, target: target.id, boot });
    }
  }

  answer(by: Member, { token }: MessageOf<"probe">): void {
    const { id: target, boot } = this.#self;
    this.#post.send(by, { kind: "ack", token, target, boot, digest: this.#roster.digest });
  }

  askFor(by: Member, { token, target, boot }: MessageOf<"probe-for">, now: number): void {
    const member = this.#roster.byId(target);
    if (member?.standing?.boot !== boot) return;
    const own = this.#note({ member, askedAt: now, errand: { by, token } });
    this.#post.send(member, { kind: "probe", token: own, digest: this.#roster.digest });
  }

  /** The member that an answer through another vouches for, if it does. */
  answered(from: Member, { token, target, boot }: MessageOf<"ack">, now: number): Member | undefined {
    const question = this.#open.get(token);
    if (question?.member.id !== target || question.member.standing?.boot !== boot) return undefined;
    this.#open.delete(token);
    if (from !== question.member) return question.member;
    const { errand } = question;
    if (errand)
      this.#post.send(errand.by, {
        kind: "ack",
        token: errand.token,
        target,
        boot,
        digest: this.#roster.digest,
      });
    else {
      const before = from.roundTripMs ?? now - question.askedAt;
      from.roundTripMs = before + (now - question.askedAt - before) * roundTripWeight;
    }
    return undefined;
  }

  #note(question: Question): number {
    this.#token = (this.#token + 1) >>> 0;
    this.#open.set(this.#token, question);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= openMax) break;
      this.#open.delete(oldest);
    }
    return this.#token;
  }
}
