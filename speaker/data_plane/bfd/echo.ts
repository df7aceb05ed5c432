import type { Link } from "#core/l2/mod.ts";
import { type Datagram, SystemError } from "#io/mod.ts";
import type { Source } from "../loop.ts";
import type { Problems } from "../problems.ts";
import { EchoLink } from "./echo_link.ts";
import type { Watched } from "./watched.ts";

/** The Echo function of all sessions: which link each uses is known once the peer has been heard on it. */
export class Echo {
  readonly #problems: Problems;
  readonly #changed: () => void;
  readonly #open = new Map<string, EchoLink>();
  readonly #linkOf = new Map<Watched, EchoLink>();
  #links = new Map<number, Link>();

  constructor(problems: Problems, changed: () => void) {
    this.#problems = problems;
    this.#changed = changed;
  }

  sources(): Source[] {
    return [...this.#open.values()];
  }

  setLinks(links: readonly Link[], now: number): void {
    this.#links = new Map(links.map((link) => [link.index, link]));
    for (const open of [...this.#open.values()]) {
      const link = this.#links.get(open.index);
      if (link && link.mac !== "") open.setMac(link.mac);
      else this.#close(open, now);
    }
  }

  /** The peer was heard. */
  heard(session: Watched, { interfaceIndex, source, destination }: Datagram, now: number): void {
    const before = this.#linkOf.get(session);
    if (before && before.index !== interfaceIndex) this.forget(session, now);
    const link = this.#linkTo(interfaceIndex, source.length === 4 ? "ipv4" : "ipv6", now);
    if (!link) return;
    this.#linkOf.set(session, link);
    link.add(session, destination, source);
  }

  send(session: Watched, sequence: number): boolean {
    return this.#linkOf.get(session)?.send(session, sequence) ?? false;
  }

  /** The session is gone, or wants none any more. */
  forget(session: Watched, now: number): void {
    const link = this.#linkOf.get(session);
    if (!link) return;
    this.#linkOf.delete(session);
    link.remove(session);
    session.apply({ type: "echoPath", isOpen: false }, now);
    if (!link.isUsed) this.#close(link, now);
  }

  close(): void {
    for (const link of this.#open.values()) link.close();
    this.#open.clear();
  }

  #linkTo(index: number, family: "ipv4" | "ipv6", now: number): EchoLink | undefined {
    const key = `${index} ${family}`;
    const open = this.#open.get(key);
    const link = this.#links.get(index);
    if (open || !link || link.mac === "") return open;
    try {
      const made = new EchoLink(link, family, (gone, at) => this.#close(gone, at));
      this.#open.set(key, made);
      this.#changed();
      return made;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#problems.say(`No BFD echo on ${link.name}: ${error.message}`, now);
      return undefined;
    }
  }

  #close(link: EchoLink, now: number): void {
    if (!this.#open.delete(`${link.index} ${link.family}`)) return;
    link.close();
    this.#changed();
    for (const session of link.users()) {
      this.#linkOf.delete(session);
      session.apply({ type: "echoPath", isOpen: false }, now);
    }
  }
}
