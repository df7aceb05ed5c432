import type { Session, Sessions } from "../access/sessions.ts";
import type { TokenCheck } from "../access/token_check.ts";
import type { Words } from "../i18n/mod.ts";
import type { Hub } from "../live/hub.ts";
import type { AuthPort, ConsolePort, ShadowReport } from "../ports.ts";
import type { Theme } from "../views/frame.ts";

/** What the routes of the console share. */
export interface ConsoleParts {
  port: ConsolePort;
  auth: AuthPort;
  tokens: TokenCheck;
  sessions: Sessions;
  hub: Hub;
  version: string;
  baseUrl: URL | undefined;
  /** Of a controller that only looks on; undefined for one that acts. */
  shadow: (() => ShadowReport) | undefined;
}

/** What the middleware finds out about a request. */
export interface ConsoleEnv {
  Variables: { words: Words; theme: Theme; session: Session | undefined };
}
