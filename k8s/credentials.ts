import { readFile } from "node:fs/promises";
import type { Clock } from "./clock.ts";

/** What one request needs to be let in. PEM texts. */
export interface Access {
  tls: {
    ca?: string;
    cert?: string;
    key?: string;
    serverName?: string;
    rejectUnauthorized?: boolean;
  };
  headers: Record<string, string>;
}

/** Where the API server is, and how to be let in. */
export interface Credentials {
  /** `https://10.96.0.1:443`, without a slash at the end. */
  server: string;
  proxy?: string | undefined;
  /** The namespace that the credentials speak of: the Pod's, or the context's. */
  namespace?: string | undefined;
  /** Asked before each request; files and tokens are read anew after a minute, as client-go does. */
  access(): Promise<Access>;
}

/** Remembers what `read` gave for a minute; a failed read keeps the last value, which the server may yet accept. */
export function remembered<T>(clock: Clock, read: () => Promise<T>): () => Promise<T> {
  const keepMs = 60_000;
  let last: { value: T; at: number } | undefined;
  return async () => {
    if (last && clock.steady() - last.at < keepMs) return last.value;
    try {
      last = { value: await read(), at: clock.steady() };
    } catch (error) {
      if (!last) throw error;
      last = { value: last.value, at: clock.steady() };
    }
    return last.value;
  };
}

export async function readText(path: string): Promise<string> {
  return (await readFile(path, "utf8")).trim();
}
