import * as v from "valibot";
import type { KubeObject } from "../types.ts";
import { readShape, textMap } from "./shape.ts";

export interface NamespaceView {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

const namespaceSchema = v.object({ metadata: v.object({ name: v.string(), labels: textMap }) });

export function namespaceView(object: KubeObject): NamespaceView {
  return readShape(namespaceSchema, object).metadata;
}
