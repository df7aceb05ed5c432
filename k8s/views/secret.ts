import * as v from "valibot";
import type { SecretFacts } from "#core/config/mod.ts";
import type { KubeObject } from "../types.ts";
import { readShape, textMap } from "./shape.ts";

const secretSchema = v.object({
  metadata: v.object({ name: v.string() }),
  type: v.nullish(v.string(), "Opaque"),
  data: textMap,
});

/** A Secret without what a BGPPeer has no use for: of all its values only the key `password` is kept. */
export function secretFacts(object: KubeObject): SecretFacts {
  const { metadata, type, data } = readShape(secretSchema, object);
  const encoded = data.password;
  return {
    name: metadata.name,
    type,
    ...(encoded !== undefined &&
      type === "kubernetes.io/basic-auth" && { password: Buffer.from(encoded, "base64").toString("utf8") }),
  };
}
