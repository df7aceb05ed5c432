import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataFile } from "../api/mod.ts";
import type { Paths } from "../processes/mod.ts";
import { openClusterApi } from "./cluster_api.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mlbt-cluster-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = () => {
  const paths = { credentials: directory, socket: () => join(directory, "sockets", "api") };
  return openClusterApi(paths as unknown as Paths, { apiPort: 0, data: join(directory, "data.db") });
};

test("openClusterApi() that fails half-way leaves the data file to the next one", async () => {
  // There is no folder for the socket.
  await expect(open()).rejects.toThrow();
  DataFile.open(join(directory, "data.db")).close();
  mkdirSync(join(directory, "sockets"));
  const cluster = await open();
  expect(() => DataFile.open(join(directory, "data.db"))).toThrow("is in use");
  await cluster.close();
  DataFile.open(join(directory, "data.db")).close();
});
