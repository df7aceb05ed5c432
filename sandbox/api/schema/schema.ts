/**
 * A schema in the terms of Kubernetes' structural schemas (OpenAPI v3 as far as CustomResourceDefinitions use it).
 * Built-in kinds and custom kinds share it: strict decoding, pruning, defaults, validation, patches and `kubectl explain`
 * all read the same tree. Built-in schemas may refer to themselves, so nothing may walk one without a value beside it.
 */
export interface Schema {
  type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  format?: string;
  title?: string;
  description?: string;
  default?: unknown;
  nullable?: boolean;
  example?: unknown;

  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  minProperties?: number;
  maxProperties?: number;

  items?: Schema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;

  enum?: unknown[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;

  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  multipleOf?: number;

  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  not?: Schema;

  "x-kubernetes-int-or-string"?: boolean;
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  "x-kubernetes-embedded-resource"?: boolean;
  "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  "x-kubernetes-list-map-keys"?: string[];
  "x-kubernetes-map-type"?: "atomic" | "granular";
  "x-kubernetes-validations"?: ValidationRule[];
  /** Strategic merge patch: which field tells list elements apart, and what a patch does (`merge`, `retainKeys`). */
  "x-kubernetes-patch-merge-key"?: string;
  "x-kubernetes-patch-strategy"?: string;

  /** Of a built-in object: fields for which absent and empty alike are refused with "Required value". */
  mustBeSet?: string[];
  /** Name under which OpenAPI publishes the schema once and refers to it, and by which Go's decoder calls it. */
  typeName?: string;
}

/** A rule in CEL; kept and published, and handed to whoever evaluates it (see `RuleEvaluator`). */
export interface ValidationRule {
  rule: string;
  message?: string;
  messageExpression?: string;
  reason?: string;
  fieldPath?: string;
  optionalOldSelf?: boolean;
}
