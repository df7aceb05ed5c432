/** @jsxImportSource hono/jsx */
import { languages, type Words } from "../i18n/mod.ts";
import { sectionPath, sections, type Theme, themes } from "./frame.ts";
import type { LayoutProps } from "./layout.tsx";
import { Strip } from "./strip.tsx";

export function Header(props: LayoutProps) {
  const { words, theme, user, strip, section, isShadow, apiPath } = props;
  return (
    <header>
      <a class="brand" href="/">
        <Logo />
        metallb
      </a>
      {user === undefined ? null : (
        <>
          <nav class="sections" aria-label={words.t("nav.label")}>
            {sections.map((one) => (
              <a href={sectionPath(one)} aria-current={one === section ? "page" : undefined}>
                {words.t(`nav.${one}`)}
              </a>
            ))}
            {isShadow ? (
              <a href="/shadow" aria-current={apiPath === "/api/v1/shadow" ? "page" : undefined}>
                {words.t("nav.shadow")}
              </a>
            ) : null}
          </nav>
          {strip === undefined ? null : <Strip {...strip} />}
        </>
      )}
      <div class="preferences">
        <LanguageSwitch words={words} />
        <ThemeSwitch words={words} theme={theme} />
        {user === undefined ? null : <Logout words={words} user={user} />}
      </div>
    </header>
  );
}

/** One address, three nodes. */
function Logo() {
  return (
    <svg
      class="logo"
      viewBox="0 0 20 20"
      width="20"
      height="20"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
    >
      <path d="M10 2v5M10 7 3.5 14.5M10 7v7M10 7l6.5 7.5" stroke-width="1.6" stroke-linecap="round" />
      <circle cx="3.5" cy="16.5" r="1.9" stroke-width="1.4" />
      <circle cx="10" cy="16.5" r="2.6" fill="currentColor" stroke="none" />
      <circle cx="16.5" cy="16.5" r="1.9" stroke-width="1.4" />
    </svg>
  );
}

/** Both switches load the page anew, for `<html>` itself changes. */
function LanguageSwitch({ words }: { words: Words }) {
  return (
    <form method="post" action="/preferences" hx-boost="false">
      <fieldset class="switch">
        <legend class="visually-hidden">{words.t("language.label")}</legend>
        {languages.map(({ code, ownName }) => (
          <button
            type="submit"
            name="language"
            value={code}
            lang={code}
            aria-pressed={code === words.language ? "true" : "false"}
          >
            {ownName}
          </button>
        ))}
      </fieldset>
    </form>
  );
}

function ThemeSwitch({ words, theme }: { words: Words; theme: Theme }) {
  return (
    <form method="post" action="/preferences" hx-boost="false">
      <fieldset class="switch">
        <legend class="visually-hidden">{words.t("theme.label")}</legend>
        {themes.map((one) => (
          <button
            type="submit"
            name="theme"
            value={one}
            title={words.t(`theme.${one}`)}
            aria-label={words.t(`theme.${one}`)}
            aria-pressed={one === theme ? "true" : "false"}
          >
            <ThemeIcon theme={one} />
          </button>
        ))}
      </fieldset>
    </form>
  );
}

const themeIcons: Record<Theme, string> = {
  system: "M8 2.5a5.5 5.5 0 0 0 0 11z",
  light: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z",
  dark: "M8 2.5a5.5 5.5 0 1 0 5.5 5.5A4.4 4.4 0 0 1 8 2.5z",
};

function ThemeIcon({ theme }: { theme: Theme }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {theme === "system" ? (
        <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="1.2" />
      ) : null}
      {theme === "light" ? (
        <path
          d="M8 1.2v1.6M8 13.2v1.6M1.2 8h1.6M13.2 8h1.6M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1M3.2 12.8l1.1-1.1M11.7 4.3l1.1-1.1"
          fill="none"
          stroke="currentColor"
          stroke-width="1.2"
          stroke-linecap="round"
        />
      ) : null}
      <path d={themeIcons[theme]} fill="currentColor" />
    </svg>
  );
}

function Logout({ words, user }: { words: Words; user: string }) {
  return (
    <form method="post" action="/logout" hx-boost="false">
      <button type="submit" class="quiet" title={user}>
        {words.t("logout")}
      </button>
    </form>
  );
}
