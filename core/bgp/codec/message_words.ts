import { formatAddress, formatPrefix, type Prefix } from "#core/net/mod.ts";
import { attributesByCode, type PathAttributes } from "./attribute_table.ts";
import { capabilityValues, describeCapability } from "./capabilities.ts";
import { type AddressFamily, familyName } from "./family.ts";
import type { Message, OpenMessage, UpdateMessage } from "./messages.ts";
import { describeMpUnreach } from "./multiprotocol.ts";
import { describeNotification } from "./notification_words.ts";
import { announcedPrefixes, endOfRibFamily, withdrawnPrefixes } from "./update.ts";

/** One line for people: what the message says. */
export function describeMessage(message: Message): string {
  switch (message.type) {
    case "OPEN":
      return describeOpen(message);
    case "UPDATE":
      return describeAnyUpdate(message);
    case "NOTIFICATION":
      return `NOTIFICATION ${describeNotification(message)}`;
    case "KEEPALIVE":
      return "KEEPALIVE";
    case "ROUTE-REFRESH":
      return `ROUTE-REFRESH ${refreshNames[message.subtype] ?? `subtype ${message.subtype}`} ${familyName(message)}`;
  }
}

function describeAnyUpdate(message: UpdateMessage): string {
  const ended = endOfRibFamily(message);
  return ended ? describeEndOfRib(ended) : describeUpdate(message);
}

export function describeEndOfRib(family: AddressFamily): string {
  return `UPDATE End-of-RIB ${familyName(family)}`;
}

const refreshNames: Readonly<Record<number, string>> = { 0: "request", 1: "begin", 2: "end" };

function describeOpen(open: OpenMessage): string {
  const asn = capabilityValues(open.capabilities, "FourOctetAs")[0] ?? open.myAS;
  const identifier = formatAddress({ family: "ipv4", value: BigInt(open.bgpIdentifier) });
  const capabilities = open.capabilities.map(describeCapability).join(", ") || "none";
  return `OPEN AS ${asn}, hold time ${open.holdTimeSeconds} s, identifier ${identifier}, capabilities: ${capabilities}`;
}

/** Also for a sender, which packs UPDATEs without making a message of each. */
export function describeUpdate(update: Omit<UpdateMessage, "type">): string {
  const parts: string[] = [];
  const [announced, withdrawn] = [announcedPrefixes(update), withdrawnPrefixes(update)];
  if (announced.length > 0) parts.push(`announces ${some(announced)}`);
  const { MP_UNREACH_NLRI: unreach, ...attributes } = update.attributes;
  if (announced.length > 0 || attributes.MP_REACH_NLRI) parts.push(...describeAttributes(attributes));
  if (withdrawn.length > 0) parts.push(`withdraws ${some(withdrawn)}`);
  else if (unreach) parts.push(`MP_UNREACH_NLRI ${describeMpUnreach(unreach)}`);
  for (const problem of update.problems) parts.push(`${problem.message}: ${problem.handling}`);
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
