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

/** The bearer tokens that are good. */
export class Users {
  readonly #tokens = new Map<string, Entry>();

  add(token: string, { username, groups, extra }: User, isOneTime: boolean): void {
    const all = [...new Set([...groups, "system:authenticated"])];
    this.#tokens.set(token, { user: { username, groups: all, ...(extra && { extra }) }, isOneTime });
  }

  /** Whose request this is; undefined for a token that is not good for requests, and for none. */
  authenticate(request: Request): User | undefined {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    const entry = token === undefined ? undefined : this.#tokens.get(token);
    return entry?.isOneTime === false ? entry.user : undefined;
  }

  /** What a TokenReview answers. A one-time token has had its one time after this. */
  review(token: string): User | undefined {
    const entry = this.#tokens.get(token);
    if (entry?.isOneTime === true) this.#tokens.delete(token);
    return entry?.user;
  }
}
