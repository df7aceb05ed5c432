import { Database, SQLiteError, type Statement } from "bun:sqlite";
import { chmodSync, closeSync, existsSync, openSync, readSync } from "node:fs";
import type { KubeObject } from "#k8s/mod.ts";
import { SandboxError } from "../../error.ts";

/** Stands in the header of every file of ours (SQLite's application_id): "mlbt". */
const applicationId = 0x6d_6c_62_74;
const formatVersion = 1;
/** The first bytes of every SQLite database (sqlite.org "Database File Format" §1.3). */
const sqliteMagic = "SQLite format 3\0";

const schema = `
CREATE TABLE object (
  collection TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, revision INTEGER NOT NULL, json TEXT NOT NULL,
  PRIMARY KEY (collection, namespace, name)
) WITHOUT ROWID;
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE counter (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL);
INSERT INTO counter VALUES (1, 0);
`;

const statements = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  put: "INSERT OR REPLACE INTO object VALUES ($collection, $namespace, $name, $revision, $json)",
  delete: "DELETE FROM object WHERE collection = $collection AND namespace = $namespace AND name = $name",
  count: "UPDATE counter SET revision = $revision",
  revision: "SELECT revision FROM counter",
  objects: "SELECT * FROM object",
  setting: "SELECT value FROM setting WHERE key = $key",
  keep: "INSERT OR REPLACE INTO setting VALUES ($key, $value)",
} as const;

/** One object as it lies in the file. */
export interface KeptObject {
  readonly collection: string;
  readonly revision: number;
  readonly object: KubeObject;
}

interface Row {
  readonly collection: string;
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  readonly json: string;
}

/**
 * Objects and settings in an SQLite file. Every write is one transaction of the write-ahead log: with `synchronous =
 * NORMAL` it is in the kernel's hands when the call returns, so it outlives `kill -9` of this process; only a crash of
 * the whole machine may lose the last writes, never break the file (sqlite.org "PRAGMA synchronous"). The file is
 * locked for as long as it is open, because two servers on one store would overwrite each other.
 */
export class DataFile {
  readonly #database: Database;
  readonly #path: string;
  readonly #statements: Readonly<Record<keyof typeof statements, Statement>>;

  /** Makes the file where there is none. Throws {@link SandboxError} for one that cannot be used, and says why. */
  static open(path: string): DataFile {
    refuseForeign(path);
    let database: Database | undefined;
    try {
      // Made here, for SQLite would let everyone read it; it holds Secrets and keys.
      closeSync(openSync(path, "a", 0o600));
      chmodSync(path, 0o600);
      database = new Database(path, { readwrite: true, create: true, strict: true });
      prepare(database, path);
      return new DataFile(database, path);
    } catch (error) {
      database?.close();
      throw error instanceof SandboxError ? error : unusable(path, error);
    }
  }

  private constructor(database: Database, path: string) {
    this.#database = database;
    this.#path = path;
    const prepared = Object.entries(statements).map(([key, sql]) => [key, database.prepare(sql)]);
    this.#statements = Object.fromEntries(prepared);
  }

  /** Of the last write, whether or not its object is still there; 0 for a new file. */
  get revision(): number {
    return (this.#statements.revision.get() as { revision: number }).revision;
  }

  *objects(): Generator<KeptObject> {
    for (const row of this.#statements.objects.iterate()) {
      const { collection, namespace, name, revision, json } = row as Row;
      yield { collection, revision, object: this.#read(json, `${collection} ${namespace}/${name}`) };
    }
  }

  put({ collection, namespace, name, revision, json }: Row): void {
    this.#write(() => {
      this.#statements.put.run({ collection, namespace, name, revision, json });
      this.#statements.count.run({ revision });
    });
  }

  delete({ collection, namespace, name, revision }: Omit<Row, "json">): void {
    this.#write(() => {
      this.#statements.delete.run({ collection, namespace, name });
      this.#statements.count.run({ revision });
    });
  }

  setting(key: string): string | undefined {
    return (this.#statements.setting.get({ key }) as { value: string } | null)?.value;
  }

  keep(key: string, value: string): void {
    this.#write(() => this.#statements.keep.run({ key, value }));
  }

  /** Writes the log back into the file, which then stands alone, and lets others have it. */
  close(): void {
    this.#database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    // SQLite keeps the lock until the last statement is gone.
    for (const statement of Object.values(this.#statements)) statement.finalize();
    this.#database.close();
  }

  #read(json: string, what: string): KubeObject {
    try {
      return JSON.parse(json) as KubeObject;
    } catch (cause) {
      throw new SandboxError(
        `"${this.#path}" is damaged: ${what} is not JSON. Move the file away or choose another with --data.`,
        { cause },
      );
    }
  }

  /** One transaction. What cannot be kept is not acknowledged: the caller's write fails with it. */
  #write(write: () => void): void {
    const { begin, commit, rollback } = this.#statements;
    let hasBegun = false;
    try {
      begin.run();
      hasBegun = true;
      write();
      commit.run();
    } catch (cause) {
      if (hasBegun && this.#database.inTransaction) rollback.run();
      throw new Error(`cannot write to "${this.#path}": ${(cause as Error).message}`, { cause });
    }
  }
}

function prepare(database: Database, path: string): void {
  // Takes the lock for good with the first access, and needs no shared-memory file beside the log.
  database.run("PRAGMA locking_mode = EXCLUSIVE");
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA synchronous = NORMAL");
  if (
    ask(database, "PRAGMA application_id") === 0 &&
    ask(database, "SELECT count(*) FROM sqlite_schema") === 0
  ) {
    database.run(
      `BEGIN; ${schema} PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${formatVersion}; COMMIT`,
    );
    return;
  }
  if (ask(database, "PRAGMA application_id") !== applicationId) {
    throw new SandboxError(
      `"${path}" is an SQLite database of another program; choose a file of the sandbox, or a new one, with --data.`,
    );
  }
  const version = ask(database, "PRAGMA user_version");
  if (version !== formatVersion) {
    throw new SandboxError(
      `"${path}" was written in format ${version}, this version reads format ${formatVersion}; use the version that wrote it, or a new file.`,
    );
  }
  const found = ask(database, "PRAGMA quick_check(1)");
  if (found !== "ok") throw damaged(path, String(found));
}

/** The one value of the first row. */
function ask(database: Database, sql: string): unknown {
  const statement = database.prepare<Record<string, unknown>, []>(sql);
  try {
    return Object.values(statement.get() ?? {})[0];
  } finally {
    statement.finalize();
  }
}

/** Looked at before SQLite touches it: a stranger's file stays as it is. */
function refuseForeign(path: string): void {
  if (!existsSync(path)) return;
  const head = Buffer.alloc(sqliteMagic.length);
  let read = 0;
  try {
    const file = openSync(path, "r");
    try {
      read = readSync(file, head, 0, head.length, 0);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unusable(path, error);
  }
  if (read === 0 || head.toString("latin1") === sqliteMagic) return;
  throw new SandboxError(
    `"${path}" is not a data file of the sandbox; choose a file of the sandbox, or a new one, with --data.`,
  );
}

function unusable(path: string, error: unknown): SandboxError {
  const code = error instanceof SQLiteError ? (error.code ?? "") : "";
  if (code.startsWith("SQLITE_BUSY")) {
    return new SandboxError(
      `"${path}" is in use: another sandbox runs on it. Stop that one, or choose another file with --data.`,
      { cause: error },
    );
  }
  if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB") {
    return damaged(path, (error as Error).message, error);
  }
  return new SandboxError(`"${path}" cannot be opened: ${(error as Error).message}`, { cause: error });
}

function damaged(path: string, what: string, cause?: unknown): SandboxError {
  return new SandboxError(
    `"${path}" is damaged (${what}). Restore it from a copy, or move it away and start with a new file.`,
    { cause },
  );
}
