import { compileExclusions, type Link, LinkTable, unusableReason } from "#core/l2/mod.ts";
import { LinkMonitor } from "#io/mod.ts";
import type { Source, Timed } from "./loop.ts";
import type { ServingLink } from "./port_protocol.ts";
import type { InterfaceState, Report } from "./protocol.ts";

/** Events tell of every change; this only repairs what a lost one would leave wrong. */
const rescanMs = 10_000;
/** fe80::/10 (RFC 4291 §2.4), as `formatAddress()` writes it. */
const linkLocalText = /^fe[89ab][0-9a-f]:/;

/** Follows the interfaces of this node by netlink, and says which of them serve. */
export class InterfaceWatch implements Source, Timed {
  readonly #excluded: RegExp | undefined;
  readonly #report: (report: Report) => void;
  readonly #changed: (usable: ServingLink[], all: Link[]) => void;
  #monitor: LinkMonitor;
  #table = new LinkTable();
  #nextRescanAt: number;
  #reported = "";

  constructor(
    excluded: readonly string[],
    now: number,
    report: (report: Report) => void,
    changed: (usable: ServingLink[], all: Link[]) => void,
  ) {
    this.#excluded = compileExclusions(excluded);
    this.#report = report;
    this.#changed = changed;
    this.#nextRescanAt = now;
    this.#monitor = LinkMonitor.open().monitor;
  }

  get fd(): number {
    return this.#monitor.fd;
  }

  serve(now: number): void {
    const events = this.#monitor.read();
    if (events === "overrun") {
      // Any interface may have been made anew in the meantime, even under the same name and index.
      this.#changed([], []);
      this.expire(now);
      return;
    }
    let isChanged = false;
    for (const event of events) {
      isChanged = this.#table.apply(event) || isChanged;
      // Told before it comes back, for a socket on what is gone stays deaf.
      if (event.type === "link-gone") this.#tell();
    }
    if (isChanged) this.#tell();
  }

  nextDeadline(): number {
    return this.#nextRescanAt;
  }

  /** Lists everything anew, on a new socket: where the old one was overrun, what is left in it is of no use. */
  expire(now: number): void {
    this.#nextRescanAt = now + rescanMs;
    this.close();
    const { monitor, events } = LinkMonitor.open();
    this.#monitor = monitor;
    this.#table = new LinkTable();
    for (const event of events) this.#table.apply(event);
    this.#tell();
  }

  close(): void {
    this.#monitor.close();
  }

  #tell(): void {
    const all = this.#table.links();
    const usable = all
      .filter((link) => unusableReason(link, this.#excluded) === undefined)
      .map((link) => this.#serving(link));
    const interfaces = all.flatMap((link) => this.#state(link) ?? []);
    const text = JSON.stringify(interfaces);
    if (text !== this.#reported) this.#report({ type: "interfaces", interfaces });
    this.#reported = text;
    this.#changed(usable, all);
  }

  #serving(link: Link): ServingLink {
    const linkLocal = this.#table.addresses(link.index).find((text) => linkLocalText.test(text));
    const connected = this.#table.connected(link.index);
    return { ...link, connected, ...(linkLocal === undefined ? {} : { linkLocal }) };
  }

  /** Undefined for an excluded interface: pods come and go with theirs, and nobody asks. */
  #state(link: Link): InterfaceState | undefined {
    const unusable = unusableReason(link, this.#excluded);
    if (unusable === "excluded") return undefined;
    const { name, index, mac, isUp, hasCarrier } = link;
    const addresses = this.#table.addresses(index);
    return {
      name,
      index,
      mac,
      isUp,
      hasCarrier,
      isUsable: unusable === undefined,
      ...(unusable === undefined ? {} : { unusable }),
      addresses,
    };
  }
}
