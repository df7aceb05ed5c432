import type { KubeObject } from "#k8s/mod.ts";
import { applyJsonPatch } from "../patch/mod.ts";
import { StatusError } from "../status_error.ts";
import type { Store } from "../store/mod.ts";
import type { User } from "../users.ts";
import { type Answer, callWebhook, type ServiceResolver } from "./call_webhook.ts";
import { isAskedFor, type Operation, type Webhook, type Write, webhooksOf } from "./webhook.ts";

const group = "admissionregistration.k8s.io";
type Phase = "mutating" | "validating";

/** What the API server asks its webhooks about one write, and of whom. */
export interface Admitted extends Write {
  readonly namespace: string;
  readonly name: string;
  readonly user: User;
  readonly isDryRun: boolean;
  warn(text: string): void;
}

/**
 * Asks the webhooks that the stored configurations name (kubernetes.io "Dynamic Admission Control"): first those that
 * may change the object, one after another, then those that judge it. Left out: reinvocation, matchConditions,
 * matchPolicy Equivalent, and calling the judges side by side.
 */
export class Admission {
  readonly #store: Store;
  readonly #resolve: ServiceResolver;
  readonly #webhooks = new Map<Phase, readonly Webhook[]>();

  constructor(store: Store, resolve: ServiceResolver) {
    this.#store = store;
    this.#resolve = resolve;
    store.onChange(({ id }) => {
      if (id.endsWith(group)) this.#webhooks.clear();
    });
  }

  /** Whether any webhook may want to hear of a write to the kind, which costs nothing to ask. */
  isAskedOf({ kind, subresource, operation }: Pick<Write, "kind" | "subresource" | "operation">): boolean {
    const probe: Write = {
      ...{ kind, subresource, operation },
      object: { metadata: { name: "" } },
      oldObject: undefined,
      namespaceLabels: undefined,
    };
    const anyObject = (webhook: Webhook) => isAskedFor({ ...webhook, objectSelector: {} }, probe);
    return this.#of("mutating").some(anyObject) || this.#of("validating").some(anyObject);
  }

  /** The object as the mutating webhooks want it; undefined where none changed it. Throws a refusal. */
  async mutate(write: Admitted): Promise<KubeObject | undefined> {
    let changed: KubeObject | undefined;
    for (const webhook of this.#of("mutating")) {
      const current = { ...write, object: changed ?? write.object };
      if (!isAskedFor(webhook, current)) continue;
      const answer = await this.#ask(webhook, current);
      if (answer?.patch === undefined || current.object === undefined) continue;
      changed = applyJsonPatch(structuredClone(current.object), answer.patch) as KubeObject;
    }
    return changed;
  }

  /** Throws the first refusal. */
  async validate(write: Admitted): Promise<void> {
    for (const webhook of this.#of("validating")) {
      if (isAskedFor(webhook, write)) await this.#ask(webhook, write);
    }
  }

  #of(phase: Phase): readonly Webhook[] {
    let webhooks = this.#webhooks.get(phase);
    if (webhooks === undefined) {
      const configurations = this.#store.collection(`${phase}webhookconfigurations.${group}`).list();
      webhooks = configurations.flatMap(({ object }) => webhooksOf(object));
      this.#webhooks.set(phase, webhooks);
    }
    return webhooks;
  }

  /** Undefined: it failed, and its failurePolicy ignores that. */
  async #ask(webhook: Webhook, write: Admitted): Promise<Answer | undefined> {
    let answer: Answer;
    try {
      answer = await callWebhook(webhook, reviewRequest(write), this.#resolve);
    } catch (error) {
      if (webhook.failurePolicy === "Ignore") return undefined;
      const why = error instanceof Error ? error.message : String(error);
      throw new StatusError(
        500,
        "InternalError",
        `Internal error occurred: failed calling webhook "${webhook.name}": failed to call webhook: ${why}`,
      );
    }
    for (const text of answer.warnings) write.warn(text);
    if (answer.isAllowed) return answer;
    const { code, reason, message, details } = answer;
    const denial = `admission webhook "${webhook.name}" denied the request`;
    const text = message === "" ? `${denial} without explanation` : `${denial}: ${message}`;
    throw new StatusError(code, reason, text, details);
  }
}

function reviewRequest(write: Admitted): Record<string, unknown> {
  const { kind, operation, subresource, namespace, name, user, object, oldObject, isDryRun } = write;
  const { group, version } = kind;
  const gvk = { group, version, kind: kind.kind };
  const resource = { group, version, resource: kind.plural };
  return {
    uid: crypto.randomUUID(),
    kind: gvk,
    resource,
    ...(subresource && { subResource: subresource }),
    requestKind: gvk,
    requestResource: resource,
    name,
    ...(namespace && { namespace }),
    operation,
    userInfo: user,
    object: object ?? null,
    oldObject: oldObject ?? null,
    dryRun: isDryRun,
    options: { kind: optionsKind(operation), apiVersion: "meta.k8s.io/v1" },
  };
}

function optionsKind(operation: Operation): string {
  return `${operation[0]}${operation.slice(1).toLowerCase()}Options`;
}
