import type { ClusterReading } from "#controller/mod.ts";
import { parseAddress } from "#core/net/mod.ts";
import { explanationOf, words } from "#server/mod.ts";
import { explainText } from "./explain_text.ts";
import type { Say } from "./texts.ts";

export interface Explained {
  text: string;
  /** For programs: what the text was made of. */
  data: unknown;
  isFound: boolean;
}

/** Explains the Service of that name (`default/` may be left out), or each that holds that address. */
export function explained(
  reading: ClusterReading,
  subject: string,
  language: "en" | "ko",
  say: Say,
): Explained {
  if (parseAddress(subject)) return explainAddress(reading, subject, language, say);
  const service = subject.includes("/") ? subject : `default/${subject}`;
  const found = explainService(reading, service, language, say);
  if (found) return { ...found, isFound: true };
  const [, name = ""] = service.split("/");
  const alike = servicesLike(reading, name).filter((one) => one.endsWith(`/${name}`));
  const hint = alike.length > 0 ? say("otherNamespace", { found: alike.join(", ") }) : "";
  return notFound(say("noService", { service, hint }));
}

function explainAddress(
  reading: ClusterReading,
  address: string,
  language: "en" | "ko",
  say: Say,
): Explained {
  const { view } = reading;
  const holders = servicesLike(reading, address).filter((service) =>
    reading.addressesOf(service).includes(address),
  );
  const all = holders.flatMap((service) => explainService(reading, service, language, say) ?? []);
  if (all.length > 0) {
    return {
      text: all.map(({ text }) => text).join("\n\n"),
      data: all.map(({ data }) => data),
      isFound: true,
    };
  }
  const pool = view.pools().find(({ name }) => holds(reading, name, address));
  return notFound(
    say("noAddress", { address }) + (pool ? say("ofPool", { pool: pool.name }) : say("noPool")),
  );
}

function explainService(reading: ClusterReading, service: string, language: "en" | "ko", say: Say) {
  const [namespace = "", name = ""] = service.split("/");
  const detail = reading.view.service(namespace, name);
  if (!detail) return undefined;
  const unwritten = reading.unwritten().find((decision) => decision.service === service);
  const list = (addresses: readonly string[]) => addresses.join(", ") || say("nothing");
  const notes = unwritten
    ? [
        `${say("unwritten")}:`,
        `  ${say("unwrittenOne", { service, wanted: list(unwritten.addresses), seen: list(reading.addressesOf(service)) })}`,
      ]
    : [];
  const explanation = explanationOf(detail, words(language));
  return { text: explainText(explanation, notes, words(language), say), data: { ...explanation, notes } };
}

function servicesLike({ view }: ClusterReading, search: string): string[] {
  const query = { search, sort: "name", descending: false, state: "all", page: 1, pageSize: 500 } as const;
  return view.services(query).rows.map(({ namespace, name }) => `${namespace}/${name}`);
}

function holds({ view }: ClusterReading, pool: string, address: string): boolean {
  const wanted = parseAddress(address);
  return (view.pool(pool)?.cells ?? []).some(({ first, last }) => {
    const [from, to] = [parseAddress(first), parseAddress(last)];
    if (!wanted || !from || !to || from.family !== wanted.family) return false;
    return from.value <= wanted.value && wanted.value <= to.value;
  });
}

function notFound(text: string): Explained {
  return { text, data: { error: text }, isFound: false };
}
