import type { Identity } from "../ports.ts";

/** Who is looking, and the token they proved it with: reads and writes are done in their name. */
export interface Session {
  readonly id: string;
  readonly identity: Identity;
  readonly token: string;
  readonly createdAt: number;
  usedAt: number;
  /** The token has had its one time (the sandbox's link), so that nobody can ask about it again. */
  readonly isOneTime: boolean;
  /** When the token was last found valid. */
  checkedAt: number;
}

export interface SessionLimits {
  /** Ends a session that is not used. */
  idleMs: number;
  /** Ends every session. */
  lifetimeMs: number;
  /** Beyond it the session unused for longest ends. */
  sessionsMax: number;
}

const defaultLimits: SessionLimits = {
  idleMs: 8 * 3_600_000,
  lifetimeMs: 24 * 3_600_000,
  sessionsMax: 1_000,
};

/** Sessions in memory, under random ids of 256 bits; a restart ends them all. */
export class Sessions {
  readonly #limits: SessionLimits;
  /** Least recently used first. */
  readonly #byId = new Map<string, Session>();

  constructor(limits: SessionLimits = defaultLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#byId.size;
  }

  start(identity: Identity, token: string, now: number, isOneTime = false): Session {
    const id = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
    const session = { id, identity, token, isOneTime, createdAt: now, usedAt: now, checkedAt: now };
    this.#byId.set(id, session);
    this.#forgetExpired(now);
    return session;
  }

  /** The session of that id, marked as used; undefined where it never was or has ended. A page kept open uses it. */
  use(id: string, now: number): Session | undefined {
    const session = this.#byId.get(id);
    if (!session) return undefined;
    this.#byId.delete(id);
    if (this.#isExpired(session, now)) return undefined;
    session.usedAt = now;
    this.#byId.set(id, session);
    return session;
  }

  end(id: string): void {
    this.#byId.delete(id);
  }

  #forgetExpired(now: number): void {
    for (const [id, session] of this.#byId) {
      if (this.#byId.size <= this.#limits.sessionsMax && !this.#isExpired(session, now)) break;
      this.#byId.delete(id);
    }
  }

  #isExpired(session: Session, now: number): boolean {
    return now - session.usedAt > this.#limits.idleMs || now - session.createdAt > this.#limits.lifetimeMs;
  }
}
