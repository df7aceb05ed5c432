import { type AccountTokens, apiAudience } from "./tokens/mod.ts";

/** Who a bearer token stands for. */
export interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  /** What else is known of him, such as the Pod that a token was made for. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

interface Entry {
  readonly user: User;
  readonly isOneTime: boolean;
}

/** The bearer tokens that are good: those that were registered, and those of ServiceAccounts. */
export class Users {
  readonly #tokens = new Map<string, Entry>();
  readonly #accountTokens: AccountTokens;

  constructor(accountTokens: AccountTokens) {
    this.#accountTokens = accountTokens;
  }

  add(token: string, { username, groups, extra }: User, isOneTime: boolean): void {
    const all = [...new Set([...groups, "system:authenticated"])];
    this.#tokens.set(token, { user: { username, groups: all, ...(extra && { extra }) }, isOneTime });
  }

  /** Whose request this is; undefined for a token that is not good for requests, and for none. */
  authenticate(request: Request): User | undefined {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (token === undefined) return undefined;
    const entry = this.#tokens.get(token);
    if (entry !== undefined) return entry.isOneTime ? undefined : entry.user;
    return this.#accountTokens.authenticate(token, [apiAudience])?.user;
  }

  /**
   * What a TokenReview answers: the user, and for which of the audiences asked for the token is. One that says nothing
   * of audiences is for the API. A one-time token has had its one time after this.
   */
  review(token: string, audiences: readonly string[]): { user: User; audiences: string[] } | undefined {
    const wanted = audiences.length === 0 ? [apiAudience] : audiences;
    const entry = this.#tokens.get(token);
    if (entry === undefined) return this.#accountTokens.authenticate(token, wanted);
    if (!wanted.includes(apiAudience)) return undefined;
    if (entry.isOneTime) this.#tokens.delete(token);
    return { user: entry.user, audiences: [apiAudience] };
  }
}
