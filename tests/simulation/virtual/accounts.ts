import { parseAllDocuments } from "yaml";
import type { Connection, ConnectOptions, KubeObject, ResourceType } from "#k8s/mod.ts";
import { KubeError } from "#k8s/mod.ts";
import type { SandboxApi } from "#sandbox/api/mod.ts";
import { RestClient } from "../../../k8s/client.ts";

export interface Right {
  readonly part: "controller" | "speaker";
  /** Of the Role or ClusterRole, and of the rule in it. */
  readonly role: string;
  readonly rule: number;
  readonly verb: string;
  readonly resource: string;
}

interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
}

type Role = KubeObject & { rules: Rule[] };

const rbacFile = new URL("../../../k8s/manifests/base/rbac.yaml", import.meta.url);
const group = "rbac.authorization.k8s.io";
const kinds: Readonly<Record<string, ResourceType>> = {
  ClusterRole: { group, version: "v1", plural: "clusterroles", kind: "ClusterRole", namespaced: false },
  Role: { group, version: "v1", plural: "roles", kind: "Role", namespaced: true },
  ClusterRoleBinding: {
    ...{ group, version: "v1", plural: "clusterrolebindings" },
    ...{ kind: "ClusterRoleBinding", namespaced: false },
  },
  RoleBinding: { group, version: "v1", plural: "rolebindings", kind: "RoleBinding", namespaced: true },
};

/** Controller and speaker as the ServiceAccounts of k8s/manifests/base/rbac.yaml, whose rights come and go. */
export class Accounts {
  readonly #roles = new Map<string, Role>();
  readonly #watches = new Set<AbortController>();
  /** Whose next watch of which resource has expired. */
  readonly #expired = new Set<string>();

  private constructor(private readonly api: SandboxApi) {}

  static async create(api: SandboxApi): Promise<Accounts> {
    const accounts = new Accounts(api);
    for (const document of parseAllDocuments(await Bun.file(rbacFile).text())) {
      const object = document.toJS() as KubeObject;
      const kind = kinds[object.kind ?? ""];
      if (!kind) continue;
      await api.client.create(kind, object);
      if ("rules" in object) accounts.#roles.set(`${object.kind}/${object.metadata.name}`, object as Role);
    }
    for (const part of ["controller", "speaker"]) {
      const username = `system:serviceaccount:metallb-system:${part}`;
      api.addToken(`token-of-${part}`, { username, groups: ["system:serviceaccounts"] });
    }
    return accounts;
  }

  /** Every right of the manifests, one by one. */
  rights(): Right[] {
    return [...this.#roles].flatMap(([role, { rules }]) =>
      rules.flatMap(({ resources, verbs }, rule) =>
        resources.flatMap((resource) =>
          verbs.map((verb) => ({
            part: role.endsWith("speaker") ? ("speaker" as const) : ("controller" as const),
            ...{ role, rule, verb, resource },
          })),
        ),
      ),
    );
  }

  /** Takes the one right away, and gives back what it does in its place: nothing else changes. */
  async take({ role, rule, verb, resource }: Right): Promise<() => Promise<void>> {
    const known = this.#roles.get(role);
    if (!known) throw new Error(`There is no ${role}`);
    const rules = known.rules.flatMap((each, index) => {
      if (index !== rule) return [each];
      const others = each.resources.filter((name) => name !== resource);
      const verbs = each.verbs.filter((name) => name !== verb);
      return [
        ...(others.length > 0 ? [{ ...each, resources: others }] : []),
        ...(verbs.length > 0 ? [{ ...each, resources: [resource], verbs }] : []),
      ];
    });
    await this.#write(known, rules);
    return () => this.#write(known, known.rules);
  }

  async #write({ kind = "", metadata: { name, namespace } }: Role, rules: Rule[]): Promise<void> {
    const resource = kinds[kind];
    if (!resource) throw new Error(`There is no kind ${kind}`);
    await this.api.client.patch(resource, { name, ...(namespace && { namespace }) }, "merge", { rules });
  }

  /** Every watch breaks; the next one of what is named has expired, so that it is listed anew. */
  break(expired?: Pick<Right, "part" | "resource">): void {
    if (expired) this.#expired.add(`${expired.part} ${expired.resource}`);
    for (const watch of this.#watches) watch.abort();
  }

  async connect(part: string, { clock, contact, observe }: ConnectOptions): Promise<Connection> {
    if (!clock) throw new Error("A virtual cluster has a clock");
    const client = new RestClient({
      credentials: {
        server: "http://api",
        access: async () => ({ tls: {}, headers: { Authorization: `Bearer token-of-${part}` } }),
      },
      userAgent: `metallb-${part}/test`,
      ...{ clock, contact, observe },
      fetch: (url, init) => this.#fetch(part, url, init),
    });
    return {
      client,
      namespace: "metallb-system",
      bearerToken: async () => `token-of-${part}`,
      ask: async () => undefined,
      podLog: async () => "",
    };
  }

  async #fetch(part: string, url: string, init: BunFetchRequestInit): Promise<Response> {
    const { method = "GET", headers, body } = init;
    const path = new URL(url);
    const isWatch = path.searchParams.get("watch") === "true";
    const plural = path.pathname.split("/").at(-1) ?? "";
    if (isWatch && this.#expired.delete(`${part} ${plural}`)) {
      const { code, reason, message } = new KubeError(410, "Expired", "too old resource version");
      return Response.json({ kind: "Status", code, reason, message }, { status: code });
    }
    const request = new Request(url, { method, ...(headers && { headers }), ...(body && { body }) });
    const response = await this.api.fetch(request);
    if (!isWatch || !response.ok || !response.body) return response;
    const broken = new AbortController();
    this.#watches.add(broken);
    const signal = AbortSignal.any([broken.signal, ...(init.signal ? [init.signal] : [])]);
    signal.addEventListener("abort", () => this.#watches.delete(broken), { once: true });
    return new Response(untilAborted(response.body, signal), response);
  }
}

/** As a socket that is cut: the reader fails, and the server is told. */
function untilAborted(body: ReadableStream<Uint8Array>, signal: AbortSignal): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      signal.addEventListener(
        "abort",
        () => {
          controller.error(new Error("the connection is cut"));
          void reader.cancel().catch(() => {});
        },
        { once: true },
      );
    },
    async pull(controller) {
      const { value, done } = await reader.read();
      if (signal.aborted) return;
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}
