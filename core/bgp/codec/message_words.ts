import { formatAddress, formatPrefix, type Prefix } from "#core/net/mod.ts";
import { attributesByCode, type PathAttributes } from "./attribute_table.ts";
import { capabilityValues, describeCapability } from "./capabilities.ts";
import { familyName } from "./family.ts";
import type { Message, OpenMessage, UpdateMessage } from "./messages.ts";
import { describeNotification } from "./notification_words.ts";
import { isEndOfRib } from "./update.ts";

/** One line for people: what the message says. */
export function describeMessage(message: Message): string {
  switch (message.type) {
    case "OPEN":
      return describeOpen(message);
    case "UPDATE":
      return isEndOfRib(message) ? describeEndOfRib : describeUpdate(message);
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

/** Also for a sender, which packs UPDATEs without making a message of each. */
export function describeUpdate({
  nlri,
  withdrawn,
  attributes,
  problems,
}: Omit<UpdateMessage, "type">): string {
  const parts: string[] = [];
  if (nlri.length > 0) parts.push(`announces ${some(nlri)}`, ...describeAttributes(attributes));
  if (withdrawn.length > 0) parts.push(`withdraws ${some(withdrawn)}`);
  for (const problem of problems) parts.push(`${problem.message}: ${problem.handling}`);
  return `UPDATE ${parts.join("; ")}`;
}

function some(prefixes: readonly Prefix[]): string {
  const shown = prefixes.slice(0, 3).map(formatPrefix).join(", ");
  return prefixes.length > 3 ? `${shown}, … (${prefixes.length} prefixes)` : shown;
}

function describeAttributes(attributes: PathAttributes): string[] {
  const known = [...attributesByCode.values()].flatMap(([name, row]) => {
    const value = attributes[name];
    return value === undefined ? [] : [`${name} ${row.describe(value)}`];
  });
  const unknown = (attributes.unknown ?? []).map(({ code, value }) => `attribute ${code} ${value.toHex()}`);
  return [...known, ...unknown];
}
