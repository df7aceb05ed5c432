import { type Json, type JsonObject, sameJson } from "./json.ts";

export type PeerVersion = "v1beta1" | "v1beta2";

/** The fields that both versions have, and which a conversion copies. */
const shared = [
  "myASN",
  "peerASN",
  "peerAddress",
  "sourceAddress",
  "peerPort",
  "holdTime",
  "keepaliveTime",
  "routerID",
  "nodeSelectors",
  "password",
  "bfdProfile",
  "ebgpMultiHop",
] as const;

/** v1beta1 requires these two; v1beta2 leaves them out beside a dynamicASN or an interface. */
const required: JsonObject = { peerASN: 0, peerAddress: "" };

/** In v1beta1 these say "unset": its timers are no pointers there, and its port may be 0. */
const unset: Readonly<Record<string, readonly Json[]>> = {
  peerASN: [0],
  peerAddress: [""],
  holdTime: ["0s", "0", ""],
  keepaliveTime: ["0s", "0", ""],
};

/** A field that only v1beta2 has, and the field beside which it must not stand. */
const alternatives: Readonly<Record<string, string>> = {
  dynamicASN: "peerASN",
  interface: "peerAddress",
  passwordSecret: "password",
};

/** What the other version cannot say, as JSON; null where a field was absent that the other version must have. */
export function keptAnnotation(version: PeerVersion): string {
  return `metallb.io/${version}-spec`;
}

interface Kept {
  readonly fields: JsonObject;
  /** Alternatives of kept fields that were set as well, though only one is allowed: no sign of a later edit. */
  readonly both?: readonly string[];
}

/** The spec in the other version, and what to keep in {@link keptAnnotation} of the version it came from. */
export function convertPeerSpec(
  spec: JsonObject,
  to: PeerVersion,
  kept: Kept | undefined,
): { spec: JsonObject; kept: Kept | undefined } {
  const from = to === "v1beta1" ? "v1beta2" : "v1beta1";
  const converted = translate(spec, to);
  for (const [name, value] of Object.entries(kept?.fields ?? {})) {
    if (!agrees(name, value, spec, from, kept?.both ?? [])) continue;
    if (value === null) delete converted[name];
    else converted[name] = value;
  }
  return { spec: converted, kept: lostOf(spec, converted, from) };
}

function translate(spec: JsonObject, to: PeerVersion): Record<string, Json> {
  const result: Record<string, Json> = to === "v1beta1" ? { ...required } : {};
  for (const name of shared) {
    const value = spec[name];
    if (value === undefined) continue;
    if (to === "v1beta1") result[name] = value;
    else if (name === "peerPort" && value === 0) result[name] = 179;
    else if (!unset[name]?.includes(value)) result[name] = value;
  }
  return result;
}

/** What translating back would not give again. */
function lostOf(spec: JsonObject, converted: JsonObject, from: PeerVersion): Kept | undefined {
  const back = translate(converted, from);
  const fields: Record<string, Json> = {};
  for (const name of new Set([...Object.keys(spec), ...Object.keys(back)])) {
    if (!sameJson(spec[name], back[name])) fields[name] = spec[name] ?? null;
  }
  if (Object.keys(fields).length === 0) return undefined;
  const both = Object.keys(fields).flatMap((name) => {
    const other = alternatives[name];
    return other !== undefined && isSet(spec, other) ? [other] : [];
  });
  return both.length > 0 ? { fields, both } : { fields };
}

/** A kept field holds unless the object says otherwise: then it was edited in the version that lacks the field. */
function agrees(
  name: string,
  value: Json,
  spec: JsonObject,
  from: PeerVersion,
  both: readonly string[],
): boolean {
  const other = alternatives[name];
  if (other !== undefined && !both.includes(other) && isSet(spec, other)) return false;
  const expected = translate(value === null ? {} : { [name]: value }, from)[name];
  return sameJson(expected, spec[name]);
}

function isSet(spec: JsonObject, name: string): boolean {
  const value = spec[name];
  return value !== undefined && value !== null && value !== 0 && value !== "";
}
