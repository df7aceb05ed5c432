/** CustomResourceDefinitions: what makes one valid, and the kinds that it serves. */
export { collectionOf, definitionSpec, isEstablished } from "./definition.ts";
export { kindsOf } from "./kinds_of.ts";
export { cleanupFinalizer, definitionStrategy } from "./strategy.ts";
