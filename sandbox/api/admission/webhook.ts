import type { KubeObject } from "#k8s/mod.ts";
import type { Kind } from "../kinds/mod.ts";
import { isRecord, record, records, text } from "../object.ts";
import { labelSelectorText, parseLabelSelector } from "../selectors/mod.ts";

export type Operation = "CREATE" | "UPDATE" | "DELETE";

/** One webhook of a ValidatingWebhookConfiguration or MutatingWebhookConfiguration (admissionregistration.k8s.io/v1). */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: ClientConfig;
  readonly rules: readonly Record<string, unknown>[];
  readonly failurePolicy: "Fail" | "Ignore";
  /** Whether a rule for one version speaks of the others of the same kind too. */
  readonly matchPolicy: "Exact" | "Equivalent";
  /** It may be asked about a write that is not kept. */
  readonly takesDryRun: boolean;
  readonly timeoutMs: number;
  readonly namespaceSelector: Record<string, unknown>;
  readonly objectSelector: Record<string, unknown>;
}

export interface ClientConfig {
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path: string;
    readonly port: number;
  };
  /** PEM; the system's authorities where empty. */
  readonly caPem: string;
}

/** What a write is, as far as webhooks select by it. */
export interface Write {
  readonly operation: Operation;
  readonly kind: Kind;
  /** The other versions of the kind that are served. */
  equivalents(): readonly Kind[];
  readonly subresource: string;
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  /** Labels of the object's namespace; undefined at the cluster scope. */
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined;
}

/** The webhooks of a configuration object, in their order. */
export function webhooksOf(configuration: KubeObject): Webhook[] {
  return records(configuration, "webhooks").map((webhook) => {
    return {
      name: text(webhook, "name"),
      clientConfig: clientConfigOf(record(webhook, "clientConfig")),
      rules: records(webhook, "rules"),
      failurePolicy: webhook.failurePolicy === "Ignore" ? "Ignore" : "Fail",
      matchPolicy: webhook.matchPolicy === "Exact" ? "Exact" : "Equivalent",
      takesDryRun: webhook.sideEffects === "None" || webhook.sideEffects === "NoneOnDryRun",
      timeoutMs: Number(webhook.timeoutSeconds ?? 10) * 1_000,
      namespaceSelector: record(webhook, "namespaceSelector"),
      objectSelector: record(webhook, "objectSelector"),
    };
  });
}

/** Where a webhook is and whom to trust, as admission and conversion alike say it. */
export function clientConfigOf(config: Record<string, unknown>): ClientConfig {
  const { service } = config;
  return {
    caPem: Buffer.from(text(config, "caBundle"), "base64").toString(),
    ...(text(config, "url") && { url: text(config, "url") }),
    ...(isRecord(service) && {
      service: {
        namespace: text(service, "namespace"),
        name: text(service, "name"),
        path: text(service, "path") || "/",
        port: Number(service.port ?? 443),
      },
    }),
  };
}

/** The version in which the webhook asks for this write; undefined where it does not ask. */
export function askedVersion(webhook: Webhook, write: Write): Kind | undefined {
  const kind = matchedVersion(webhook, write);
  if (kind === undefined) return undefined;
  const { namespaceLabels, object, oldObject } = write;
  if (namespaceLabels !== undefined && !selects(webhook.namespaceSelector, namespaceLabels)) return undefined;
  const isSelected = [object, oldObject].some(
    (each) => each !== undefined && selects(webhook.objectSelector, each.metadata.labels ?? {}),
  );
  return isSelected ? kind : undefined;
}

/** A rule for the very version of the request comes before one for another (matchPolicy Equivalent). */
function matchedVersion({ rules, matchPolicy }: Webhook, write: Write): Kind | undefined {
  const isMatched = (kind: Kind) => rules.some((rule) => ruleMatches(rule, { ...write, kind }));
  if (isMatched(write.kind)) return write.kind;
  return matchPolicy === "Exact" ? undefined : write.equivalents().find(isMatched);
}

function ruleMatches(rule: Record<string, unknown>, { operation, kind, subresource }: Write): boolean {
  const resource = subresource === "" ? kind.plural : `${kind.plural}/${subresource}`;
  const resources = texts(rule.resources);
  const scope = text(rule, "scope") || "*";
  return (
    covers(texts(rule.operations), operation) &&
    covers(texts(rule.apiGroups), kind.group) &&
    covers(texts(rule.apiVersions), kind.version) &&
    (resources.includes(resource) ||
      resources.includes("*/*") ||
      (subresource === "" && resources.includes("*")) ||
      (subresource !== "" && resources.includes(`${kind.plural}/*`))) &&
    (scope === "*" || (scope === "Namespaced") === kind.namespaced)
  );
}

function selects(selector: Record<string, unknown>, labels: Readonly<Record<string, string>>): boolean {
  return parseLabelSelector(labelSelectorText(selector))?.(labels) ?? true;
}

function covers(list: readonly string[], wanted: string): boolean {
  return list.includes("*") || list.includes(wanted);
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
