import type { KubeObject } from "#k8s/mod.ts";
import { formOf, RemoteConversion } from "../crd/mod.ts";
import { apiVersionOf, type Kind } from "../kinds/mod.ts";
import type { Stored } from "../store/mod.ts";

/** The object in the version that `kind` serves, as JSON; written once per version of the object. */
export function encode(stored: Stored, kind: Kind): string {
  const apiVersion = apiVersionOf(kind);
  if (stored.object.apiVersion === apiVersion) return stored.json;
  const form = kind.conversion instanceof RemoteConversion ? formOf(kind.conversion) : apiVersion;
  return stored.form(form, (object) => fromStored(object, kind));
}

/** As {@link encode}, as an object that the caller may change. */
export function decodeCopy(stored: Stored, kind: Kind): KubeObject {
  return JSON.parse(encode(stored, kind)) as KubeObject;
}

/** As {@link decodeCopy}; the managed fields are left out where nobody is to see them, which saves much of the work. */
export function draftCopy(stored: Stored, kind: Kind): KubeObject {
  if (kind.conversion !== undefined) return decodeCopy(stored, kind);
  const { managedFields: _managed, ...metadata } = stored.object.metadata;
  const bare = { ...stored.object, metadata } as KubeObject;
  return JSON.parse(JSON.stringify(fromStored(bare, kind))) as KubeObject;
}

/** Shares everything below the top level with `object`. */
export function fromStored(object: KubeObject, kind: Kind): KubeObject {
  const apiVersion = apiVersionOf(kind);
  if (object.apiVersion === apiVersion) return object;
  return kind.conversion ? kind.conversion.fromStored(object) : { ...object, apiVersion };
}

export function toStored(object: KubeObject, kind: Kind): KubeObject {
  return kind.conversion
    ? kind.conversion.toStored(object)
    : { ...object, apiVersion: kind.storedApiVersion };
}
