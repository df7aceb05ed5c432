import type { KubeObject } from "#k8s/mod.ts";
import type { Kind } from "../kinds/mod.ts";
import { applyJsonPatch } from "../patch/mod.ts";
import { badRequest, StatusError } from "../status_error.ts";
import type { Store } from "../store/mod.ts";
import type { User } from "../users.ts";
import { type Answer, callWebhook, type ServiceResolver } from "./call_webhook.ts";
import { askedVersion, type Operation, type Webhook, type Write, webhooksOf } from "./webhook.ts";

const group = "admissionregistration.k8s.io";
type Phase = "mutating" | "validating";

/** What the API server asks its webhooks about one write, and of whom. */
export interface Admitted extends Write {
  readonly namespace: string;
  readonly name: string;
  readonly user: User;
  readonly isDryRun: boolean;
  /** An object of the kind in another version of it. */
  convert(object: KubeObject, from: Kind, to: Kind): Promise<KubeObject>;
  warn(text: string): void;
}

/**
 * Asks the webhooks that the stored configurations name (kubernetes.io "Dynamic Admission Control"): first those that
 * may change the object, one after another, then those that judge it. Left out: reinvocation, matchConditions, and
 * calling the judges side by side.
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
  isAskedOf(asked: Pick<Write, "kind" | "equivalents" | "subresource" | "operation">): boolean {
    const probe: Write = {
      ...asked,
      object: { metadata: { name: "" } },
      oldObject: undefined,
      namespaceLabels: undefined,
    };
    const anyObject = (webhook: Webhook) =>
      askedVersion({ ...webhook, objectSelector: {} }, probe) !== undefined;
    return this.#of("mutating").some(anyObject) || this.#of("validating").some(anyObject);
  }

  /** The object as the mutating webhooks want it; undefined where none changed it. Throws a refusal. */
  async mutate(write: Admitted): Promise<KubeObject | undefined> {
    let changed: KubeObject | undefined;
    for (const webhook of this.#of("mutating")) {
      const current = { ...write, object: changed ?? write.object };
      const version = askedVersion(webhook, current);
      if (version === undefined) continue;
      const shown = await inVersion(current, version);
      const answer = await this.#ask(webhook, shown);
      if (answer?.patch === undefined || shown.object === undefined) continue;
      const patched = applyJsonPatch(structuredClone(shown.object), answer.patch) as KubeObject;
      changed = version === write.kind ? patched : await write.convert(patched, version, write.kind);
    }
    return changed;
  }

  /** Throws the first refusal. */
  async validate(write: Admitted): Promise<void> {
    for (const webhook of this.#of("validating")) {
      const version = askedVersion(webhook, write);
      if (version !== undefined) await this.#ask(webhook, await inVersion(write, version));
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
  async #ask(webhook: Webhook, write: Shown): Promise<Answer | undefined> {
    if (write.isDryRun && !webhook.takesDryRun) {
      throw badRequest(`admission webhook "${webhook.name}" does not support dry run`);
    }
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

/** A write as one webhook sees it: in the version that its rules name. */
interface Shown extends Admitted {
  readonly requestKind: Kind;
}

async function inVersion(write: Admitted, version: Kind): Promise<Shown> {
  const { kind, object, oldObject } = write;
  if (version === kind) return { ...write, requestKind: kind };
  const convert = async (each: KubeObject | undefined) => each && (await write.convert(each, kind, version));
  const [converted, oldConverted] = [await convert(object), await convert(oldObject)];
  return { ...write, requestKind: kind, kind: version, object: converted, oldObject: oldConverted };
}

function reviewRequest(write: Shown): Record<string, unknown> {
  const { kind, requestKind, operation, subresource, namespace, name, user, object, oldObject, isDryRun } =
    write;
  return {
    uid: crypto.randomUUID(),
    kind: gvkOf(kind),
    resource: resourceOf(kind),
    ...(subresource && { subResource: subresource }),
    requestKind: gvkOf(requestKind),
    requestResource: resourceOf(requestKind),
    ...(subresource && { requestSubResource: subresource }),
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

function gvkOf({ group, version, kind }: Kind) {
  return { group, version, kind };
}

function resourceOf({ group, version, plural }: Kind) {
  return { group, version, resource: plural };
}

function optionsKind(operation: Operation): string {
  return `${operation[0]}${operation.slice(1).toLowerCase()}Options`;
}
