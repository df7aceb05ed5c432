import { Registry } from "prom-client";
import { type ConsoleOptions, createConsole, registryMetrics } from "#server/mod.ts";
import { FixtureAuth, FixturePort, goodToken } from "./fixture_port.ts";
import { makeWorld, smallSize, type World } from "./world/mod.ts";

export interface Client {
  port: FixturePort;
  auth: FixtureAuth;
  /** A request with the client's cookies; redirects are not followed. */
  get(path: string, headers?: Record<string, string>, at?: string): Promise<Response>;
  post(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  logIn(): Promise<void>;
}

export const origin = "http://console.example";
export const fragmentHeaders = { "HX-Request": "true", "HX-Request-Type": "partial" };

/** The console without a socket, and a browser's cookies beside it. */
export function openConsole(
  world: World = makeWorld(smallSize),
  options: Pick<ConsoleOptions, "baseUrl" | "shadow"> = {},
): Client {
  const port = new FixturePort(world);
  const auth = new FixtureAuth();
  const app = createConsole({
    port,
    auth,
    metrics: registryMetrics(new Registry()),
    version: "0.0.0",
    ...options,
  });
  const jar = new Map<string, string>();
  const send = async (url: string, init: RequestInit, headers: Record<string, string>) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await app.request(url, {
      ...init,
      headers: { Cookie: cookie, ...headers },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const [name = "", value = ""] = pair.split("=");
      if (/Max-Age=0/.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  };
  const client: Client = {
    port,
    auth,
    get: (path, headers = {}, at = origin) => send(at + path, {}, headers),
    post: (path, form, headers = {}) =>
      send(
        origin + path,
        { method: "POST", body: new URLSearchParams(form) },
        { Origin: origin, ...headers },
      ),
    logIn: async () => {
      await client.get(`/login?token=${goodToken}`);
    },
  };
  return client;
}

export async function loggedIn(world?: World): Promise<Client> {
  const client = openConsole(world);
  await client.logIn();
  return client;
}

/** One page of a console over that world, as a reader with a session gets it. */
export async function page(path: string, headers: Record<string, string> = {}, world?: World) {
  const client = await loggedIn(world);
  const answer = await client.get(path, headers);
  return { status: answer.status, headers: answer.headers, html: await answer.text() };
}

/** Text as a reader sees it, tags and spaces aside. */
export function seen(html: string): string {
  return html
    .replace(/<[^>]+>/g, " ")
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&")
    .replace(/\s+/g, " ");
}
