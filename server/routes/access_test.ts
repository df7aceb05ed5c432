import { describe, expect, test } from "bun:test";
import { fragmentHeaders, loggedIn, openConsole } from "#tests/console/client.ts";
import { goodToken } from "#tests/console/fixture_port.ts";

const pages = [
  "/",
  "/pools",
  "/pools/first-pool",
  "/services",
  "/services/shop/web-1",
  "/layer2",
  "/bgp",
  "/speakers",
  "/speakers/node2",
];
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

describe("without a session", () => {
  test.each([...pages, "/strip", "/nothing-there"])("GET %s leads to the login page", async (path) => {
    const answer = await openConsole().get(path);
    expect(answer.status).toBe(path === "/strip" ? 401 : 303);
    if (path !== "/strip") expect(answer.headers.get("Location")).toStartWith("/login");
  });

  test("the way back is remembered", async () => {
    const client = openConsole();
    const answer = await client.get("/services?search=web&page=2");
    expect(answer.headers.get("Location")).toBe("/login?next=%2Fservices%3Fsearch%3Dweb%26page%3D2");
    const form = await (await client.get(answer.headers.get("Location") ?? "")).text();
    expect(form).toContain('name="next" value="/services?search=web&amp;page=2"');
    const entered = await client.post("/login", { token: goodToken, next: "/services?search=web&page=2" });
    expect([entered.status, entered.headers.get("Location")]).toEqual([303, "/services?search=web&page=2"]);
  });

  test("a fragment or the stream tells htmx to go and log in", async () => {
    for (const [path, headers] of [
      ["/services", fragmentHeaders],
      ["/events", {}],
    ] as const) {
      const answer = await openConsole().get(path, headers);
      expect([answer.status, answer.headers.get("HX-Redirect")]).toEqual([401, "/login"]);
    }
  });

  test.each(["/healthz", "/metrics", "/login", "/assets/console.js"])("GET %s is open", async (path) => {
    expect((await openConsole().get(path)).status).toBe(200);
  });
});

describe("every answer", () => {
  test.each([...pages, "/login", "/assets/base.css", "/api/v1/pools", "/nothing-there"])(
    "of %s carries the strict policy",
    async (path) => {
      const { headers } = await (await loggedIn()).get(path);
      expect(headers.get("Content-Security-Policy")).toBe(policy);
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(headers.get("Referrer-Policy")).toBe("same-origin");
    },
  );

  test.each(pages)("of %s needs no inline script, style or handler", async (path) => {
    const html = await (await (await loggedIn()).get(path)).text();
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|\shx-on|js:|javascript:/i);
  });
});

describe("logging in", () => {
  test("by form: a cookie that scripts and other sites cannot use", async () => {
    const client = openConsole();
    const answer = await client.post("/login", { token: `  ${goodToken}\n` });
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/"]);
    const cookie = answer.headers.get("Set-Cookie") ?? "";
    expect(cookie).toMatch(/^metallb_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await client.get("/")).status).toBe(200);
  });

  test("by a token of somebody who may not list Services: told so, and given no session", async () => {
    const client = openConsole();
    client.auth.forbidden.add("pod-token");
    const answer = await client.post("/login", { token: "pod-token" });
    expect([answer.status, answer.headers.get("Set-Cookie")]).toEqual([403, null]);
    expect(await answer.text()).toContain("may not list Services in all namespaces");
    const api = await client.get("/api/v1/services", { Authorization: "Bearer pod-token" });
    expect([api.status, await api.json()]).toEqual([
      403,
      { error: expect.stringContaining("may not list Services in all namespaces") },
    ]);
  });

  test("by link: the token leaves the address bar", async () => {
    const client = openConsole();
    const answer = await client.get(`/login?token=${goodToken}`);
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/"]);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect((await client.get("/")).status).toBe(200);
  });

  test("two consoles forwarded to two ports of one host keep their sessions apart", async () => {
    const answer = await openConsole().get(`/login?token=${goodToken}`, {}, "http://localhost:7473");
    expect(answer.headers.get("Set-Cookie")).toStartWith("metallb_session_7473=");
  });

  test("over TLS the cookie is Secure, whoever ends the TLS", async () => {
    const proxied = await openConsole().get(`/login?token=${goodToken}`, { "X-Forwarded-Proto": "https" });
    expect(proxied.headers.get("Set-Cookie")).toContain("; Secure");
    const known = openConsole(undefined, { baseUrl: "https://metallb.example" });
    expect((await known.get(`/login?token=${goodToken}`)).headers.get("Set-Cookie")).toContain("; Secure");
  });

  test("a wrong token is refused in words, in the reader's language", async () => {
    const client = openConsole();
    const answer = await client.post("/login", { token: "wrong" });
    const html = await answer.text();
    expect(answer.status).toBe(401);
    expect(html).toContain("The API server does not accept this token");
    expect(html).toContain('aria-invalid="true"');
    const korean = await client.post("/login", { token: "wrong" }, { "Accept-Language": "ko" });
    expect(await korean.text()).toContain("이 토큰을 받아들이지 않습니다");
    expect((await client.post("/login", {})).status).toBe(422);
  });

  test("it never leads to another site", async () => {
    for (const next of ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example"]) {
      const answer = await openConsole().post("/login", { token: goodToken, next });
      expect(answer.headers.get("Location")).toBe("/");
    }
  });

  test("too many failures must wait", async () => {
    const client = openConsole();
    for (let attempt = 0; attempt < 10; attempt++) {
      expect((await client.post("/login", { token: `wrong${attempt}` })).status).toBe(401);
    }
    const answer = await client.post("/login", { token: goodToken });
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([429, "6"]);
    client.port.world.now += 6_000;
    expect((await client.post("/login", { token: goodToken })).status).toBe(303);
  });

  test("while the API server is away it says so", async () => {
    const client = openConsole();
    client.auth.isAway = true;
    const answer = await client.post("/login", { token: goodToken });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("The API server does not answer");
  });
});

describe("a session", () => {
  test("ends with the logout", async () => {
    const client = await loggedIn();
    const stolen = {
      Cookie: (await client.get(`/login?token=${goodToken}`)).headers.get("Set-Cookie") ?? "",
    };
    const answer = await client.post("/logout", {});
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/login"]);
    expect((await client.get("/")).status).toBe(303);
    expect((await client.get("/", stolen)).status).toBe(303);
  });

  test("ends when its token is revoked, but not because the API server is away", async () => {
    const client = await loggedIn();
    client.auth.isAway = true;
    client.port.world.now += 6 * 60_000;
    expect((await client.get("/")).status).toBe(200);
    client.auth.isAway = false;
    client.auth.valid.clear();
    client.port.world.now += 6 * 60_000;
    expect((await client.get("/")).status).toBe(303);
  });

  test("of a one-time token lasts, though the token is good for nothing any more", async () => {
    const client = openConsole();
    client.auth.oneTime.add("once");
    const answers = await Promise.all([client.get("/login?token=once"), client.get("/login?token=once")]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([303, 401]);
    client.port.world.now += 6 * 60_000;
    expect((await client.get("/")).status).toBe(200);
    expect((await openConsole().get("/login?token=once")).status).toBe(401);
  });

  test("is not made by a cookie that was made up", async () => {
    const cookie = { Cookie: `metallb_session=${"A".repeat(43)}` };
    expect((await openConsole().get("/", cookie)).status).toBe(303);
  });
});

describe("a POST from another site is refused", () => {
  test.each(["/login", "/logout", "/preferences"])("%s", async (path) => {
    const client = await loggedIn();
    for (const headers of [{ Origin: "https://elsewhere.example" }, { Origin: "null" }, { Origin: "" }]) {
      const answer = await client.post(path, { token: goodToken, theme: "dark" }, headers);
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain("came from another site");
    }
    expect((await client.get("/")).status).toBe(200);
  });

  test("behind a proxy that ends TLS our own origin is still ours", async () => {
    const answer = await openConsole().post(
      "/login",
      { token: goodToken },
      { Origin: "https://console.example" },
    );
    expect(answer.status).toBe(303);
  });
});

describe("the JSON API", () => {
  const bearer = { Authorization: `Bearer ${goodToken}` };

  test("takes a bearer token, or the session of the console", async () => {
    expect((await openConsole().get("/api/v1/pools", bearer)).status).toBe(200);
    expect((await (await loggedIn()).get("/api/v1/pools")).status).toBe(200);
  });

  test("refuses others with 401 and a challenge, in JSON", async () => {
    for (const headers of [{}, { Authorization: "Bearer wrong" }]) {
      const answer = await openConsole().get("/api/v1/pools", headers);
      expect([answer.status, answer.headers.get("WWW-Authenticate")]).toEqual([401, "Bearer"]);
      expect(await answer.json()).toHaveProperty("error");
    }
  });

  test("says when the API server is away", async () => {
    const client = openConsole();
    client.auth.isAway = true;
    expect((await client.get("/api/v1/pools", bearer)).status).toBe(503);
  });
});

describe("preferences", () => {
  test("hold before the login, and lead back to the page they were changed on", async () => {
    const client = openConsole();
    const back = { Referer: "http://console.example/services?search=a" };
    const answer = await client.post("/preferences", { language: "ko" }, back);
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/services?search=a"]);
    await client.post("/preferences", { theme: "dark" });
    const html = await (await client.get("/login")).text();
    expect(html).toContain('<html lang="ko" data-theme="dark">');
  });

  test("nothing else than a language and a theme can be set", async () => {
    const answer = await openConsole().post("/preferences", { language: "xx", theme: "pink" });
    expect(answer.headers.getSetCookie()).toEqual([]);
  });
});
