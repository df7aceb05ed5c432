import { writeFileSync } from "node:fs";
import type { SandboxApiOptions } from "../api/mod.ts";

type Audit = NonNullable<SandboxApiOptions["audit"]>;

const bufferBytes = 64 * 1024;
/** Whoever follows the file sees a line this late at most. */
const flushMs = 100;

/**
 * Who asked the API for what, and whether he was allowed: a JSON line each, in the form of a real API server's log
 * (kubernetes.io "Auditing", audit.k8s.io/v1 Event, level Metadata).
 */
export class AuditLog {
  readonly #sink: Bun.FileSink;
  #timer: Timer | undefined;

  /** Writes over an older file. */
  constructor(file: string) {
    writeFileSync(file, "", { mode: 0o600 });
    this.#sink = Bun.file(file).writer({ highWaterMark: bufferBytes });
  }

  readonly record: Audit = (user, attributes, isAllowed, impersonated) => {
    const event = {
      kind: "Event",
      apiVersion: "audit.k8s.io/v1",
      level: "Metadata",
      stage: "RequestReceived",
      verb: attributes.verb,
      user: userInfo(user),
      ...(impersonated && { impersonatedUser: userInfo(impersonated) }),
      ...("path" in attributes
        ? { requestURI: attributes.path }
        : { objectRef: objectReference(attributes) }),
      requestReceivedTimestamp: new Date().toISOString(),
      annotations: { "authorization.k8s.io/decision": isAllowed ? "allow" : "forbid" },
    };
    this.#sink.write(`${JSON.stringify(event)}\n`);
    this.#flushSoon();
  };

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#sink.flush();
    }, flushMs);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#sink.end();
  }
}

function userInfo({ username, uid, groups, extra }: Parameters<Audit>[0]) {
  return { username, ...(uid && { uid }), groups, ...(extra && { extra }) };
}

function objectReference(attributes: Exclude<Parameters<Audit>[1], { path: string }>) {
  const { group, resource, subresource, namespace, name } = attributes;
  return {
    resource,
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(group && { apiGroup: group }),
    ...(subresource && { subresource }),
  };
}
