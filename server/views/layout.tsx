/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import { asset } from "../assets.ts";
import type { Words } from "../i18n/mod.ts";
import { CachedBanner } from "./cached_banner.tsx";
import type { ConsoleSection, Theme } from "./frame.ts";
import { Header } from "./header.tsx";
import type { StripProps } from "./strip.tsx";

interface FrameProps {
  words: Words;
  theme: Theme;
  version: string;
  now: number;
  /** Absent on the login page. */
  user?: string;
  strip?: StripProps;
  /** Of a controller that only looks on: it has a page for that. */
  isShadow?: boolean;
}

export interface LayoutProps extends FrameProps {
  title: string;
  section?: ConsoleSection;
  /** The same as data, for scripts: shown in the footer. */
  apiPath?: string;
  children?: Child;
}

const styles = ["reset.css", "tokens.css", "base.css", "layout.css", "components.css", "charts.css"];

/** A morph leaves alone what htmx marks, and which details the reader has opened. */
const htmxConfig = JSON.stringify({ morphIgnore: ["data-htmx-powered", "open"] });

/** The whole document. Without script the page reloads itself instead of listening. */
export function Layout(props: LayoutProps) {
  const { words, theme, title, user, version } = props;
  return (
    <html lang={words.language} data-theme={theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content={theme === "system" ? "light dark" : theme} />
        <meta name="htmx-config" content={htmxConfig} />
        <title>{`${title} · metallb`}</title>
        <link rel="icon" href={asset("icon.svg")} type="image/svg+xml" />
        {styles.map((name) => (
          <link rel="stylesheet" href={asset(name)} />
        ))}
        <script src={asset("console.js")} defer />
        {user === undefined ? null : (
          <noscript>
            <meta http-equiv="refresh" content="30" />
          </noscript>
        )}
      </head>
      <body hx-boost:inherited="swap:outerMorph" data-now={String(props.now)}>
        {user === undefined ? null : <div id="live" hx-sse:connect="/events" hx-swap="none" hidden />}
        <a class="skip" href="#main">
          {words.t("skip")}
        </a>
        <Header {...props} />
        {props.strip === undefined ? null : <CachedBanner {...props.strip} now={props.now} />}
        <main id="main">{props.children}</main>
        <footer>
          <span>{`metallb-ts ${version}`}</span>
          {props.apiPath === undefined || user === undefined ? null : (
            <a href={props.apiPath} hx-boost="false">
              {words.t("footer.json", { path: props.apiPath })}
            </a>
          )}
        </footer>
        <p id="said" class="visually-hidden" aria-live="polite" />
      </body>
    </html>
  );
}

/** A page's heading; focus moves to it after a navigation. */
export function Heading({ title, children }: { title: string; children?: Child }) {
  return (
    <div class="heading">
      <h1 tabindex={-1}>{title}</h1>
      {children}
    </div>
  );
}
