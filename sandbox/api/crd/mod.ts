/** CustomResourceDefinitions: what makes one valid, and the kinds that it serves. */

export { Conversions, formOf } from "./conversions.ts";
export { collectionOf, definitionSpec, isEstablished } from "./definition.ts";
export { kindsOf } from "./kinds_of.ts";
export { NeedsConversion, RemoteConversion } from "./remote_conversion.ts";
export { cleanupFinalizer, definitionStrategy } from "./strategy.ts";
