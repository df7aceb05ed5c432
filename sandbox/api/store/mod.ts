/**
 * Objects in memory: collections by kind, one revision counter, and the recent changes that watches resume from. With a
 * {@link DataFile} every write is in the file before anyone hears of it, and the next run finds it there.
 *
 * ```ts
 * const store = new Store({ revision: 1, changesMax: 20_000 });
 * const pods = store.collection("pods");
 * const stored = pods.insert({ apiVersion: "v1", kind: "Pod", metadata: { name: "a", namespace: "default" } });
 * pods.changesSince(1); // the insertion
 * ```
 */
export type { Change } from "./change_window.ts";
export { Collection, type Scope } from "./collection.ts";
export { DataFile } from "./data_file.ts";
export { Store } from "./store.ts";
export { Stored } from "./stored.ts";
