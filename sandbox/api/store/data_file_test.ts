import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataFile, Store } from "./mod.ts";

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mlbt-data-"));
  path = join(directory, "data.db");
});
afterEach(() => rmSync(directory, { recursive: true }));

const pod = (name: string, namespace = "default") => ({ kind: "Pod", metadata: { name, namespace } });

/** What a run does with the file, from opening to closing it. */
function run<Result>(act: (store: Store, file: DataFile) => Result): Result {
  const file = DataFile.open(path);
  try {
    return act(new Store({ revision: 100, changesMax: 10, file }), file);
  } finally {
    file.close();
  }
}

describe("a store on a file", () => {
  test("has its objects, their versions and its revision again, also after a deletion", () => {
    run((store) => {
      const pods = store.collection("pods");
      pods.replace(pods.insert(pod("a")), { ...pod("a"), spec: { nodeName: "n" } });
      pods.remove(pods.insert(pod("b", "x")));
    });
    run((store) => {
      expect(store.revision).toBe(104);
      const [a, ...others] = store.collection("pods").list();
      expect(others).toEqual([]);
      expect(a?.revision).toBe(102);
      expect(a?.object).toEqual({
        kind: "Pod",
        metadata: { name: "a", namespace: "default", resourceVersion: "102" },
        spec: { nodeName: "n" },
      });
      expect(store.collection("pods").size).toBe(1);
      expect(store.collection("services").insert(pod("c")).revision).toBe(105);
    });
  });

  test("a watch resumes from the last revision of the run before, and from no earlier one", () => {
    const last = run((store) => {
      store.collection("pods").insert(pod("a"));
      return store.collection("pods").insert(pod("b")).revision;
    });
    run((store) => {
      const pods = store.collection("pods");
      expect(pods.changesSince(last)).toEqual([]);
      expect(pods.changesSince(last - 1)).toBeUndefined();
      expect(store.collection("services").changesSince(last)).toEqual([]);
    });
  });

  test("nothing changes in memory that the file does not take", () => {
    const file = DataFile.open(path);
    const store = new Store({ revision: 1, changesMax: 10, file });
    const pods = store.collection("pods");
    const a = pods.insert(pod("a"));
    file.close();
    expect(() => pods.insert(pod("b"))).toThrow(`cannot write to "${path}"`);
    expect(() => pods.replace(a, { ...pod("a"), spec: {} })).toThrow("cannot write");
    expect(() => pods.remove(a)).toThrow("cannot write");
    expect(pods.list()).toEqual([a]);
    expect(pods.changesSince(1)?.length).toBe(1);
  });
});

describe("DataFile", () => {
  test("keeps settings, the last one of a key", () => {
    run((_, file) => {
      file.keep("ca", "one");
      file.keep("ca", "two");
    });
    run((_, file) => {
      expect(file.setting("ca")).toBe("two");
      expect(file.setting("none")).toBeUndefined();
    });
  });

  test("is for its owner's eyes only", () => {
    run(() => {});
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("refuses a file that is in use", () => {
    const file = DataFile.open(path);
    expect(() => DataFile.open(path)).toThrow("is in use: another sandbox runs on it");
    file.close();
    DataFile.open(path).close();
  });

  test("refuses what is no database and leaves it as it is", () => {
    writeFileSync(path, "apiVersion: v1\nkind: List\n");
    expect(() => DataFile.open(path)).toThrow(`"${path}" is not a data file of the sandbox`);
    expect(readFileSync(path, "utf8")).toBe("apiVersion: v1\nkind: List\n");
    expect(() => DataFile.open(directory)).toThrow("cannot be opened");
    expect(() => DataFile.open(join(directory, "no", "such.db"))).toThrow("cannot be opened");
  });

  test("refuses another program's database", () => {
    const other = new Database(path);
    other.run("CREATE TABLE notes (text)");
    other.close();
    expect(() => DataFile.open(path)).toThrow("is an SQLite database of another program");
  });

  test("refuses a format that it does not know", () => {
    run(() => {});
    const later = new Database(path);
    later.run("PRAGMA user_version = 7");
    later.close();
    expect(() => DataFile.open(path)).toThrow("was written in format 7, this version reads format 1");
  });

  test("refuses a damaged file", () => {
    run((store) => {
      for (let index = 0; index < 500; index++) store.collection("pods").insert(pod(`pod-${index}`));
    });
    const bytes = readFileSync(path);
    writeFileSync(
      path,
      Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(8192, 0x55), bytes.subarray(12288)]),
    );
    expect(() => DataFile.open(path)).toThrow("is damaged");
    writeFileSync(path, bytes.subarray(0, bytes.length / 2));
    expect(() => DataFile.open(path)).toThrow("is damaged");
  });
});
