import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { type Browser, noBrowser, openBrowser } from "../console/browser.ts";
import { missing, TestCluster } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";
import { bgp, bgpService, demo, firstPool, l2Advertisement } from "./support/manifests.ts";
import { leaderOf } from "./support/observe.ts";

const lacking = missing("bird") ?? noBrowser;
const vip = "192.168.1.240";
/** Screenshots are kept here after the run. */
const artifacts = join(import.meta.dir, "..", "..", ".artifacts");
// A test that runs out of time takes the browser with it, so none may.
setDefaultTimeout(90_000);

describe.skipIf(lacking !== undefined)(
  `the console of a running cluster${lacking ? ` (needs ${lacking})` : ""}`,
  () => {
    let cluster: TestCluster;
    let browser: Browser;
    let page: Page;
    const complaints: string[] = [];
    const documents: string[] = [];

    beforeAll(async () => {
      mkdirSync(artifacts, { recursive: true });
      [cluster, browser] = await Promise.all([TestCluster.start(), openBrowser()]);
      page = await browser.context.newPage();
      page.setDefaultTimeout(15_000);
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => {
        if (request.isNavigationRequest()) documents.push(new URL(request.url()).pathname);
      });
    }, 120_000);

    afterAll(async () => {
      await browser?.close();
      await cluster?.stop();
    });

    const shot = (name: string) => page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: true });
    const visit = async (link: string) => {
      await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: link }).click();
      await page.getByRole("heading", { level: 1, name: link }).waitFor();
    };

    test("the printed URL logs in once, and leaves no token in the address bar", async () => {
      await page.goto(cluster.loginUrl);
      expect(new URL(page.url()).pathname).toBe("/");
      expect(new URL(page.url()).search).toBe("");
      const again = await fetch(cluster.loginUrl, { redirect: "manual" });
      expect(again.headers.get("set-cookie") ?? "").not.toContain("session");
      const inside = await fetch(new URL("/pools", cluster.loginUrl), { redirect: "manual" });
      expect(inside.headers.get("location")).toStartWith("/login");
    });

    test("the address appears without a reload", async () => {
      await visit("Services");
      const visited = documents.length;
      for (const manifest of [firstPool, l2Advertisement, demo]) await cluster.apply(manifest);
      const row = page.locator("tr", { hasText: "metallb-demo" });
      await row.getByText(vip).waitFor();
      const leader = await eventually("somebody announces", () => leaderOf(cluster, vip));
      await row.getByText(leader).waitFor();
      expect(documents.length).toBe(visited);
      await shot("services");
    });

    test("the leader's change is seen without a reload, and told among the moves", async () => {
      await visit("Layer 2");
      const visited = documents.length;
      const before = (await leaderOf(cluster, vip)) as string;
      await page.getByText(before).first().waitFor();
      await cluster.sandbox("kill", "speaker", before);
      const after = await eventually("another node leads", async () => {
        const leader = await leaderOf(cluster, vip);
        return leader !== before && leader;
      });
      await page
        .locator("td", { hasText: `node ${before} stopped answering` })
        .first()
        .waitFor();
      await page.getByText(after).first().waitFor();
      await shot("layer2");
      await visit("Overview");
      await page.getByText(before).first().waitFor();
      await shot("overview-speaker-silent");
      await cluster.sandbox("start", "speaker", before);
      expect(documents.length).toBe(visited);
    });

    test("the BGP sessions come up without a reload", async () => {
      await visit("BGP");
      const visited = documents.length;
      await cluster.apply(bgp);
      await cluster.apply(bgpService);
      await eventually(
        "three sessions are Established",
        async () => (await page.getByText("Established").count()) >= 3,
        30_000,
      );
      expect(documents.length).toBe(visited);
      await shot("bgp");
    });

    test("the pool's map says who holds an address", async () => {
      await visit("Pools");
      await page.getByRole("link", { name: "first-pool" }).first().click();
      await page.getByRole("heading", { level: 1, name: "first-pool" }).waitFor();
      await page.locator("td", { hasText: "metallb-demo" }).first().waitFor();
      await shot("pool");
    });

    test("a pending Service says why in words, and its page explains", async () => {
      await cluster.apply(`
apiVersion: v1
kind: Service
metadata: { name: outside, annotations: { metallb.io/loadBalancerIPs: 10.0.0.1 } }
spec: { type: LoadBalancer, selector: { app: metallb-demo }, ports: [{ name: http, port: 80 }] }
`);
      await visit("Services");
      await page.getByText("address 10.0.0.1 is in no IPAddressPool").first().waitFor();
      await page.getByRole("link", { name: "outside" }).first().click();
      await page.getByText("AllocationFailed").first().waitFor();
      await shot("service-pending");
    });

    test("nothing was complained about in the browser's console", () => {
      expect(complaints).toEqual([]);
    });
  },
);
