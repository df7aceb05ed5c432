import { type Config, policyAnnotations, type Resource } from "#core/config/mod.ts";
import { parseAddress, rangeContains } from "#core/net/mod.ts";
import type { ServiceBook } from "#core/service/mod.ts";

/** Named in one warning; the rest is a number. */
const servicesMax = 5;

/** Fields that have no effect, or not the one that they seem to have. */
export function fieldWarnings({ kind, spec }: Resource, namespace: string): string[] {
  if (kind !== "BGPPeer" || typeof spec !== "object" || spec === null) return [];
  const { disableMP, passwordSecret } = spec as { disableMP?: unknown; passwordSecret?: unknown };
  const warnings: string[] = [];
  if (disableMP === true) {
    warnings.push(
      "spec.disableMP: it is deprecated and has no effect; IPv4 and IPv6 routes are sent as the session's families allow",
    );
  }
  const elsewhere = (passwordSecret as { namespace?: unknown } | null | undefined)?.namespace;
  if (typeof elsewhere === "string" && elsewhere !== "" && elsewhere !== namespace) {
    warnings.push(
      `spec.passwordSecret.namespace: it has no effect; the Secret is looked up in namespace "${namespace}"`,
    );
  }
  return warnings;
}

/** Services whose address leaves the pool by an edit or a deletion, and what becomes of them. */
export function servicesTouched(
  pool: string,
  before: Config,
  after: Config,
  book: Pick<ServiceBook, "decisions">,
): string[] {
  const [was, is] = [before, after].map(({ pools }) => pools.find(({ name }) => name === pool));
  if (!was) return [];
  const touched = [...book.decisions()].flatMap(({ service, pool: held, addresses }) => {
    if (held !== pool) return [];
    const leaving = addresses.filter((text) => {
      const address = parseAddress(text);
      return address && !is?.ranges.some((range) => rangeContains(range, address));
    });
    return leaving.length > 0 ? [`${service} (${leaving.join(", ")})`] : [];
  });
  if (touched.length === 0) return [];
  const first = touched.toSorted().slice(0, servicesMax).join(", ");
  const more = touched.length > servicesMax ? ` and ${touched.length - servicesMax} more` : "";
  const policy = (is ?? was).policy?.onRemoval;
  const fate =
    policy === "keep"
      ? `they keep it, by ${policyAnnotations.onRemoval}: keep`
      : `they lose it and get another where a pool has one; with ${policyAnnotations.onRemoval}: keep they would keep it`;
  return [`Services whose address leaves the pool (${touched.length}): ${first}${more}; ${fate}`];
}
