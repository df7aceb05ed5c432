/** The files the browser loads: styles, the few lines of script, and the vendored htmx. Part of the bundle. */
import appJs from "../public/app.js" with { type: "text" };
import baseCss from "../public/base.css" with { type: "text" };
import chartsCss from "../public/charts.css" with { type: "text" };
import componentsCss from "../public/components.css" with { type: "text" };
import iconSvg from "../public/icon.svg" with { type: "text" };
import layoutCss from "../public/layout.css" with { type: "text" };
import resetCss from "../public/reset.css" with { type: "text" };
import tokensCss from "../public/tokens.css" with { type: "text" };
import htmxJs from "../public/vendor/htmx.min.js" with { type: "text" };
import hxSseJs from "../public/vendor/hx-sse.min.js" with { type: "text" };

interface Asset {
  body: string;
  contentType: string;
  /** Of the content: a changed file has another address, so browsers may keep it for ever. */
  hash: string;
}

const css = "text/css; charset=utf-8";
const javascript = "text/javascript; charset=utf-8";

const texts: Readonly<Record<string, { body: string; contentType: string }>> = {
  "reset.css": { body: resetCss, contentType: css },
  "tokens.css": { body: tokensCss, contentType: css },
  "base.css": { body: baseCss, contentType: css },
  "layout.css": { body: layoutCss, contentType: css },
  "components.css": { body: componentsCss, contentType: css },
  "charts.css": { body: chartsCss, contentType: css },
  "icon.svg": { body: iconSvg, contentType: "image/svg+xml" },
  // One file: a deferred htmx starts by a timer of its own, which may run before a script that follows it has come.
  "console.js": { body: [htmxJs, hxSseJs, appJs].join("\n;\n"), contentType: javascript },
};

const assets = new Map<string, Asset>(
  Object.entries(texts).map(([name, text]) => [name, { ...text, hash: contentHash(text.body) }]),
);

function contentHash(body: string): string {
  return new Bun.CryptoHasher("sha256").update(body).digest("hex").slice(0, 12);
}

export function findAsset(name: string): Asset | undefined {
  return assets.get(name);
}

/** The address of a file, with its hash. */
export function asset(name: string): string {
  const found = assets.get(name);
  if (!found) throw new Error(`asset: no file "${name}" in public/`);
  return `/assets/${name}?v=${found.hash}`;
}
