import { describe, expect, test } from "bun:test";
import { reason } from "#core/reason/mod.ts";
import type { Decision } from "#core/service/mod.ts";
import type { VersionedService } from "#k8s/mod.ts";
import type { ServiceQuery, ServiceRow } from "#server/ports.ts";
import { ServiceTable } from "./service_table.ts";
import { serviceOf } from "./testing.ts";

const asked: ServiceQuery = {
  search: "",
  sort: "name",
  descending: false,
  state: "all",
  page: 1,
  pageSize: 50,
};

function table() {
  const views = new Map<string, VersionedService>();
  const decisions = new Map<string, Decision>();
  const announcers = new Map<string, ServiceRow["announcers"]>();
  const built: string[] = [];
  const rows = new ServiceTable({
    view: (key) => views.get(key),
    decision: (key) => decisions.get(key),
    endpointsReady: (key) => {
      built.push(key);
      return 1;
    },
    announcers: ({ service }) => announcers.get(service) ?? [],
    whyUnannounced: () => reason("announce.no-endpoints"),
  });
  const add = (
    name: string,
    address: string | undefined,
    node?: string,
    parts: Partial<VersionedService> = {},
  ) => {
    const key = `default/${name}`;
    views.set(key, serviceOf({ name, ...parts }));
    decisions.set(key, {
      service: key,
      addresses: address === undefined ? [] : [address],
      ...(address === undefined ? { pending: reason("pool.none") } : { pool: "first-pool" }),
      needsWrite: false,
      events: [],
      trace: [],
    });
    if (node !== undefined) announcers.set(key, [{ node, protocol: "layer2" }]);
    rows.touch(key);
    return key;
  };
  return { rows, views, decisions, built, add };
}

function filled() {
  const made = table();
  made.add("nine", "192.0.2.9", "node1", { creationTimestampMs: 3 });
  made.add("ten", "192.0.2.10", "node2", { creationTimestampMs: 2 });
  made.add("wait", undefined, undefined, { creationTimestampMs: 1 });
  made.add("lost", "192.0.2.3", undefined, { creationTimestampMs: 4 });
  return made;
}

const names = (rows: ServiceTable, query: Partial<ServiceQuery>) =>
  rows.query({ ...asked, ...query }).rows.map(({ name }) => name);

describe("ServiceTable", () => {
  test.each<[Partial<ServiceQuery>, string[]]>([
    [{}, ["lost", "nine", "ten", "wait"]],
    [{ descending: true }, ["wait", "ten", "nine", "lost"]],
    [{ sort: "address" }, ["lost", "nine", "ten", "wait"]],
    [{ sort: "age" }, ["lost", "nine", "ten", "wait"]],
    [{ sort: "state" }, ["wait", "lost", "nine", "ten"]],
    [{ sort: "pool" }, ["lost", "nine", "ten", "wait"]],
    [{ state: "pending" }, ["wait"]],
    [{ state: "unannounced" }, ["lost"]],
    [{ state: "assigned" }, ["lost", "nine", "ten"]],
    [{ search: "NODE2" }, ["ten"]],
    [{ search: "192.0.2.1" }, ["ten"]],
    [{ search: " default/ni " }, ["nine"]],
    [{ search: "first-pool", sort: "address", descending: true }, ["ten", "nine", "lost"]],
    [{ search: "nothing" }, []],
  ])("query(%j)", (query, expected) => {
    expect(names(filled().rows, query)).toEqual(expected);
  });

  test("a page beyond the end is the last one", () => {
    const page = filled().rows.query({ ...asked, page: 9, pageSize: 3 });
    expect(page).toMatchObject({ total: 4, page: 2, pageSize: 3 });
    expect(page.rows.map(({ name }) => name)).toEqual(["wait"]);
  });

  test("a row says why it waits, or why nobody announces it", () => {
    const { rows } = filled();
    expect(rows.row("default/wait")?.pending).toEqual(reason("pool.none"));
    expect(rows.row("default/lost")?.pending).toEqual(reason("announce.no-endpoints"));
    expect(rows.row("default/nine")?.pending).toBeUndefined();
    expect(rows.counts()).toEqual({ total: 4, assigned: 3, pending: 1 });
  });

  test("counts per state what the search finds, whatever state is asked for", () => {
    const { rows } = filled();
    const all = { all: 4, assigned: 3, pending: 1, unannounced: 1 };
    expect(rows.query({ ...asked, state: "pending" }).counts).toEqual(all);
    const found = { all: 1, assigned: 1, pending: 0, unannounced: 0 };
    expect(rows.query({ ...asked, state: "pending", search: "node1" }).counts).toEqual(found);
  });

  test("names the pools that serve a waiting Service and have nothing to give, else those that do not serve it", () => {
    const { rows, decisions } = filled();
    const why = reason("pool.exhausted", { pool: "small", family: "IPv4", used: 1, total: "1" });
    const other = reason("pool.not-auto-assign", { pool: "gold" });
    const decision = decisions.get("default/wait");
    if (!decision) throw new Error("nobody waits");
    decisions.set("default/wait", {
      ...decision,
      trace: [
        { stage: "pool", subject: "gold", verdict: "skipped", why: other },
        { stage: "pool", subject: "small", verdict: "skipped", why },
      ],
    });
    expect(rows.row("default/wait")?.refusals).toEqual([{ pool: "small", why }]);
    decisions.set("default/wait", {
      ...decision,
      trace: [{ stage: "pool", subject: "gold", verdict: "skipped", why: other }],
    });
    expect(rows.row("default/wait")?.refusals).toEqual([{ pool: "gold", why: other }]);
    expect(rows.row("default/nine")?.refusals).toBeUndefined();
  });

  test("Services of another class, of another type, and deleted ones are not shown", () => {
    const { rows, views, decisions, add } = filled();
    const other = add("other", undefined);
    const decision = decisions.get(other);
    if (decision)
      decisions.set(other, {
        ...decision,
        pending: reason("service.other-class", { class: "x", served: "" }),
      });
    rows.touch(other);
    expect(rows.stateOf(add("plain", undefined, undefined, { type: "ClusterIP" }))).toBeUndefined();
    views.delete("default/ten");
    rows.touch("default/ten");
    expect(names(rows, {})).toEqual(["lost", "nine", "wait"]);
  });

  test("a query makes anew only the rows that changed", () => {
    const { rows, built } = filled();
    rows.query(asked);
    built.length = 0;
    rows.touch("default/nine");
    rows.query({ ...asked, search: "n" });
    expect(built).toEqual(["default/nine"]);
  });
});
