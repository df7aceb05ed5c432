/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { ConsoleSection } from "../views/frame.ts";
import { Layout } from "../views/layout.tsx";
import { MessagePage } from "../views/message.tsx";
import type { ConsoleEnv, ConsoleParts } from "./context.ts";

type Element = JSX.Element;
type Status = 200 | 401 | 403 | 404 | 422 | 429 | 500 | 503;

/** htmx asks for a part of a page with this header; a whole page, a boosted link and history ask for `full`. */
export function isFragment(c: Context): boolean {
  return c.req.header("HX-Request-Type") === "partial";
}

interface View {
  title: string;
  section?: ConsoleSection;
  apiPath?: string;
  /** The page within its frame. */
  page: () => Element;
  /** The part that refreshes; the whole page where it has none. */
  fragment?: () => Element;
  status?: Status;
}

/** One URL, two shapes: the fragment for htmx, the document for everybody else. */
export function show(c: Context<ConsoleEnv>, parts: ConsoleParts, view: View): Response | Promise<Response> {
  const { words, theme, session } = c.var;
  c.header("Cache-Control", "no-store");
  c.header("Vary", "HX-Request-Type");
  const { status = 200 } = view;
  c.status(status);
  if (isFragment(c)) return c.html((view.fragment ?? view.page)());
  const document = (
    <Layout
      words={words}
      theme={theme}
      version={parts.version}
      now={parts.port.now()}
      title={view.title}
      {...(view.section === undefined ? {} : { section: view.section })}
      {...(view.apiPath === undefined ? {} : { apiPath: view.apiPath })}
      {...(session === undefined ? {} : { user: session.identity.username })}
      {...(session === undefined || status === 500
        ? {}
        : { strip: { overview: parts.port.overview(), words } })}
      isShadow={parts.shadow !== undefined}
    >
      {view.page()}
    </Layout>
  );
  return c.html(`<!doctype html>${document}`);
}

/** A page that only says something. */
export function showMessage(
  c: Context<ConsoleEnv>,
  parts: ConsoleParts,
  message: { status: Status; title: string; sentences: string[]; section?: ConsoleSection },
): Response | Promise<Response> {
  const { words } = c.var;
  return show(c, parts, {
    ...message,
    page: () => <MessagePage title={message.title} sentences={message.sentences} words={words} />,
  });
}
