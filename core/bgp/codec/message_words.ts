import { formatAddress, formatPrefix, type Prefix } from "#core/net/mod.ts";
import { attributesByCode, type PathAttributes } from "./attribute_table.ts";
import { capabilityValues, describeCapability } from "./capabilities.ts";
import { familyName } from "./family.ts";
import type { Message, OpenMessage } from "./messages.ts";
import { describeNotification } from "./notification_words.ts";
import { isEndOfRib } from "./update.ts";

/** One line for people: what the message says. */
export function describeMessage(message: Message): string {
  switch (message.type) {
    case "OPEN":
      return describeOpen(message);
    case "UPDATE":
      return isEndOfRib(message)
        ? describeEndOfRib
        : describeUpdate({
            ...message,
            announcedCount: message.nlri.length,
            withdrawnCount: message.withdrawn.length,
            problems: message.problems.map((problem) => `${problem.message}: ${problem.handling}`),
          });
    case "NOTIFICATION":
      return `NOTIFICATION ${describeNotification(message)}`;
    case "KEEPALIVE":
      return "KEEPALIVE";
    case "ROUTE-REFRESH":
      return `ROUTE-REFRESH ${refreshNames[message.subtype] ?? `subtype ${message.subtype}`} ${familyName(message)}`;
  }
}

export const describeEndOfRib = "UPDATE End-of-RIB ipv4-unicast";

const refreshNames: Readonly<Record<number, string>> = { 0: "request", 1: "begin", 2: "end" };

function describeOpen(open: OpenMessage): string {
  const asn = capabilityValues(open.capabilities, "FourOctetAs")[0] ?? open.myAS;
  const identifier = formatAddress({ family: "ipv4", value: BigInt(open.bgpIdentifier) });
  const capabilities = open.capabilities.map(describeCapability).join(", ") || "none";
  return `OPEN AS ${asn}, hold time ${open.holdTimeSeconds} s, identifier ${identifier}, capabilities: ${capabilities}`;
}

/** An UPDATE by its counts and the first few of its prefixes, so that a sender need not decode what it packed. */
export interface UpdateSummary {
  readonly announcedCount: number;
  readonly withdrawnCount: number;
  readonly nlri: readonly Prefix[];
  readonly withdrawn: readonly Prefix[];
  readonly attributes: PathAttributes;
  readonly problems: readonly string[];
}

export function describeUpdate(update: UpdateSummary): string {
  const parts: string[] = [];
  if (update.announcedCount > 0) {
    parts.push(
      `announces ${some(update.nlri, update.announcedCount)}`,
      ...describeAttributes(update.attributes),
    );
  }
  if (update.withdrawnCount > 0) parts.push(`withdraws ${some(update.withdrawn, update.withdrawnCount)}`);
  return `UPDATE ${[...parts, ...update.problems].join("; ")}`;
}

function some(prefixes: readonly Prefix[], count: number): string {
  const shown = prefixes.slice(0, 3).map(formatPrefix).join(", ");
  return count > 3 ? `${shown}, … (${count} prefixes)` : shown;
}

function describeAttributes(attributes: PathAttributes): string[] {
  const known = [...attributesByCode.values()].flatMap(([name, row]) => {
    const value = attributes[name];
    return value === undefined ? [] : [`${name} ${row.describe(value)}`];
  });
  const unknown = (attributes.unknown ?? []).map(({ code, value }) => `attribute ${code} ${value.toHex()}`);
  return [...known, ...unknown];
}
