import {
  type AddressRange,
  compareAddress,
  compareRange,
  formatAddress,
  formatRange,
  type IpAddress,
  parseAddress,
  rangeContains,
  rangesOverlap,
} from "#core/net/mod.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { quote, type Report } from "./field_reader.ts";
import { parseRange } from "./range_text.ts";

/**
 * What a pool does beyond MetalLB, by annotations on the IPAddressPool. All are optional; one that is malformed
 * rejects the pool like a malformed field. MetalLB ignores them.
 *
 * | annotation | value | meaning |
 * |---|---|---|
 * | `metallb.io/exclude-addresses` | addresses, ranges `first-last` and CIDRs, by comma or line | never given out, and no part of the capacity. Whoever holds one keeps it. Each entry must meet the pool |
 * | `metallb.io/reservations` | `namespace/name=address[,address]`, by space, line or `;` | kept for the Service of that name, over deletion and re-creation: nobody else gets them, and it gets them first. At most one address of each family; several Services may share one reserved address |
 * | `metallb.io/reuse-after` | a Go duration such as `10m`, up to `168h` | how long an address that was given back stays unused. A Service of the same namespace and name may have it at once |
 * | `metallb.io/quota-per-namespace` | `10`, or `team-a=10,team-b=0,*=5` | how many addresses of the pool one namespace may hold; a shared address counts once in each namespace |
 * | `metallb.io/on-removal` | `keep` or `release` | what becomes of Services whose address leaves the pool, because it shrinks or is deleted. Default: release, as in MetalLB 0.14.2 and later |
 * | `metallb.io/reserved-by-services` | as `reservations`; written by the controller | what Services with `metallb.io/reserve: "true"` hold or held last. Delete an entry to give it up |
 */
export const policyAnnotations = {
  exclude: "metallb.io/exclude-addresses",
  reservations: "metallb.io/reservations",
  reuseAfter: "metallb.io/reuse-after",
  quota: "metallb.io/quota-per-namespace",
  onRemoval: "metallb.io/on-removal",
  recorded: "metallb.io/reserved-by-services",
} as const;

export interface PoolPolicy {
  /** Ascending; none overlaps another. */
  readonly excluded: readonly AddressRange[];
  readonly reservations: readonly Reservation[];
  /** Reservations that Services asked for themselves, as the controller wrote them down. */
  readonly recorded: readonly Reservation[];
  /** 0: at once. */
  readonly reuseAfterMs: number;
  readonly quota?: NamespaceQuota;
  /** Undefined is release, but for the last of all pools: see ServiceBook. */
  readonly onRemoval?: "keep" | "release";
}

export interface Reservation {
  /** `namespace/name`. */
  readonly service: string;
  readonly addresses: readonly IpAddress[];
}

/** Most addresses that one namespace may hold. */
export interface NamespaceQuota {
  readonly byNamespace: Readonly<Record<string, number>>;
  /** For every other namespace; undefined: no limit. */
  readonly others?: number;
}

/** `10`, `team-a=10` or `*=5`. */
const quotaForm = /^(?:(\*|[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)\s*=\s*)?(\d{1,9})$/;

const reuseAfterMsMax = 168 * 3_600_000;

type Annotations = Readonly<Record<string, string>>;

/** Undefined where no annotation is there. */
export function parsePoolPolicy(
  annotations: Annotations,
  ranges: readonly AddressRange[],
  report: Report,
): PoolPolicy | undefined {
  if (!Object.values(policyAnnotations).some((name) => annotations[name] !== undefined)) return undefined;
  const reader = new PolicyReader(annotations, ranges, report);
  const quota = reader.quota();
  const onRemoval = reader.onRemoval();
  const excluded = reader.excluded();
  return {
    excluded,
    reservations: reader.reservations(excluded),
    recorded: reader.recorded(),
    reuseAfterMs: reader.reuseAfterMs(),
    ...(quota && { quota }),
    ...(onRemoval && { onRemoval }),
  };
}

/** As {@link policyAnnotations} has them, one a line, by name of the Service. */
export function formatReservations(reservations: Iterable<Reservation>): string {
  return [...reservations]
    .map(({ service, addresses }) => `${service}=${addresses.map(formatAddress).join(",")}`)
    .sort()
    .join("\n");
}

class PolicyReader {
  readonly #annotations: Annotations;
  readonly #ranges: readonly AddressRange[];
  readonly #report: Report;

  constructor(annotations: Annotations, ranges: readonly AddressRange[], report: Report) {
    this.#annotations = annotations;
    this.#ranges = ranges;
    this.#report = report;
  }

  excluded(): AddressRange[] {
    const found: AddressRange[] = [];
    for (const text of split(this.#text("exclude"), /[,\n]/)) {
      const single = parseAddress(text);
      const range = single ? { first: single, last: single } : parseRange(text);
      if (typeof range === "string") this.#issue("exclude", "exclude-malformed", `${quote(text)} ${range}`);
      else if (this.#ranges.some((own) => rangesOverlap(own, range))) found.push(range);
      else {
        const sentence = `${quote(text)} has no address of the pool (${this.#own()}); exclude addresses of the pool only`;
        this.#issue("exclude", "exclude-outside", sentence);
      }
    }
    return merged(found);
  }

  reservations(excluded: readonly AddressRange[]): Reservation[] {
    const reservations: Reservation[] = [];
    for (const text of entries(this.#text("reservations"))) {
      const reservation = parseReservation(text);
      if (typeof reservation === "string") {
        this.#issue("reservations", "reservation-malformed", `${quote(text)} ${reservation}`);
        continue;
      }
      const outside = reservation.addresses.find((address) => !this.#has(address));
      if (outside) {
        const sentence = `${formatAddress(outside)} is reserved for ${reservation.service}, but is not in the pool (${this.#own()})`;
        this.#issue("reservations", "reservation-outside", sentence);
      } else if (reservation.addresses.some((address) => contains(excluded, address))) {
        const sentence = `${quote(text)} reserves an address that ${policyAnnotations.exclude} excludes; write it in one of them`;
        this.#issue("reservations", "reservation-excluded", sentence);
      } else if (reservations.some(({ service }) => service === reservation.service)) {
        const sentence = `${reservation.service} stands there twice; write its addresses in one entry: namespace/name=address,address`;
        this.#issue("reservations", "reservation-duplicate", sentence);
      } else {
        reservations.push(reservation);
      }
    }
    return reservations;
  }

  /** Our own writing rejects nothing: what does not fit the pool any more is left out, and written anew. */
  recorded(): Reservation[] {
    const byService = new Map<string, Reservation>();
    for (const text of entries(this.#text("recorded"))) {
      const reservation = parseReservation(text);
      if (typeof reservation === "string") continue;
      const addresses = reservation.addresses.filter((address) => this.#has(address));
      if (addresses.length > 0) byService.set(reservation.service, { ...reservation, addresses });
    }
    return [...byService.values()];
  }

  reuseAfterMs(): number {
    const text = this.#text("reuseAfter").trim();
    if (text === "") return 0;
    const ms = parseDuration(text);
    if (ms !== undefined && ms >= 0 && ms <= reuseAfterMsMax) return ms;
    const most = formatDuration(reuseAfterMsMax);
    const sentence = `${quote(text)} is not a duration from 0s to ${most}; write it as 30s, 10m or 1h30m`;
    this.#issue("reuseAfter", "reuse-after-malformed", sentence);
    return 0;
  }

  quota(): NamespaceQuota | undefined {
    const parts = split(this.#text("quota"), /[,\n]/);
    if (parts.length === 0) return undefined;
    const byNamespace: Record<string, number> = {};
    let others: number | undefined;
    for (const part of parts) {
      const [, namespace = "*", count] = quotaForm.exec(part) ?? [];
      const isKnown = namespace === "*" ? others !== undefined : Object.hasOwn(byNamespace, namespace);
      if (count === undefined || isKnown) {
        const wrong = isKnown && count !== undefined ? "sets a limit that is set already" : "is not a limit";
        const sentence = `${quote(part)} ${wrong}; write one number for every namespace, such as 10, or team-a=10,*=5`;
        this.#issue("quota", "quota-malformed", sentence);
      } else if (namespace === "*") {
        others = Number(count);
      } else {
        byNamespace[namespace] = Number(count);
      }
    }
    return { byNamespace, ...(others !== undefined && { others }) };
  }

  onRemoval(): "keep" | "release" | undefined {
    const text = this.#text("onRemoval").trim();
    if (text === "keep" || text === "release") return text;
    if (text !== "")
      this.#issue("onRemoval", "on-removal-unknown", `${quote(text)} is neither keep nor release`);
    return undefined;
  }

  #text(name: keyof typeof policyAnnotations): string {
    return String(this.#annotations[policyAnnotations[name]] ?? "");
  }

  #issue(name: keyof typeof policyAnnotations, code: string, sentence: string): void {
    this.#report(`metadata.annotations["${policyAnnotations[name]}"]`, `pool.${code}`, sentence);
  }

  #has(address: IpAddress): boolean {
    return contains(this.#ranges, address);
  }

  #own(): string {
    return this.#ranges.map(formatRange).join(", ");
  }
}

function contains(ranges: readonly AddressRange[], address: IpAddress): boolean {
  return ranges.some((range) => rangeContains(range, address));
}

function split(text: string, separator: RegExp): string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** A comma joins the addresses of one entry, with or without spaces around it. */
function entries(text: string): string[] {
  return split(text.replace(/\s*,\s*/g, ","), /[\s;]+/);
}

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const entryForm = new RegExp(`^(${label}/${label})=(.+)$`);

/** The reservation, or what is wrong with the text: the rest of a sentence that begins with it. */
function parseReservation(text: string): Reservation | string {
  const [, service, , , listed = ""] = entryForm.exec(text) ?? [];
  if (service === undefined) {
    return "is not a reservation; write it as namespace/name=address or namespace/name=address,address";
  }
  const addresses: IpAddress[] = [];
  for (const part of listed.split(",")) {
    const address = parseAddress(part);
    if (!address) return `is not a reservation: ${quote(part)} is not an IP address`;
    if (addresses.some(({ family }) => family === address.family)) {
      return "reserves two addresses of one family; a Service has one IPv4 and one IPv6 address at most";
    }
    addresses.push(address);
  }
  return { service, addresses: addresses.sort(compareAddress) };
}

function merged(ranges: readonly AddressRange[]): AddressRange[] {
  const result: AddressRange[] = [];
  for (const range of ranges.toSorted(compareRange)) {
    const last = result.at(-1);
    const touches =
      last && last.last.family === range.first.family && range.first.value <= last.last.value + 1n;
    if (!last || !touches) result.push(range);
    else if (range.last.value > last.last.value) result[result.length - 1] = { ...last, last: range.last };
  }
  return result;
}
