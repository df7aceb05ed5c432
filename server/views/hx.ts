/** htmx attributes as objects to spread, so that a region, a link and a form are spelled in one place. */
import type { Topic } from "../topics.ts";

type Attributes = Record<string, string>;

/** Regions of large content pull less often: the browser has to lay them out again. */
export const calmThrottleMs = 2_000;
const throttleMs = 250;

/**
 * A part of a page that pulls itself from the page's own URL when one of its topics is poked. `public/app.js` sends
 * a queued pull to the URL the region has by then, for a search may have changed it meanwhile.
 */
export function region(id: string, url: string, topics: readonly Topic[], everyMs = throttleMs): Attributes {
  const triggers = [...topics, "tick"].map((topic) => `${topic} from:#live throttle:${everyMs}ms`);
  return {
    id,
    "data-region": "",
    "hx-get": url,
    "hx-trigger": triggers.join(", "),
    "hx-swap": "outerMorph",
    "hx-sync": "queue last",
    // What is shown stays while the server is in trouble.
    "hx-status:5xx": "swap:none",
  };
}

/** A link inside a region that changes only the region: sorting, filters, paging. Without script it is a plain link. */
export function regionLink(url: string, regionId: string): Attributes {
  return { href: url, ...swapRegion(url, regionId), "hx-push-url": "true" };
}

/** A search form inside a region: searches while one types; without script it is submitted. */
export function regionForm(path: string, regionId: string): Attributes {
  return {
    action: path,
    method: "get",
    role: "search",
    ...swapRegion(path, regionId),
    "hx-trigger": "input changed delay:150ms, submit",
    "hx-replace-url": "true",
  };
}

function swapRegion(url: string, regionId: string): Attributes {
  return {
    "hx-get": url,
    "hx-target": `#${regionId}`,
    "hx-swap": "outerMorph",
    // A newer answer for the region wins over a pull that is under way.
    "hx-sync": "closest [data-region]:replace",
  };
}
