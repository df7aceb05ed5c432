import { record, text } from "../object.ts";
import type { Store, Stored } from "../store/mod.ts";
import type { User } from "../users.ts";
import type { SigningKey } from "./signing_key.ts";

/** Who issues the tokens and, where nobody says otherwise, whom they are for: the name of the API in kubeadm's clusters. */
export const apiAudience = "https://kubernetes.default.svc.cluster.local";

/** A real server (go-jose's `DefaultLeeway`) takes a token that much after its end, or after the end of its object. */
const leewaySeconds = 60;

/** What a token may be bound to besides its ServiceAccount, by the name of the claim. */
export const boundKinds = {
  pod: { kind: "Pod", collection: "pods" },
  secret: { kind: "Secret", collection: "secrets" },
  node: { kind: "Node", collection: "nodes" },
} as const;

export type BoundKind = keyof typeof boundKinds;

export interface IssuedToken {
  readonly account: Stored;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly bound?: { readonly kind: BoundKind; readonly object: Stored } | undefined;
}

interface Reference {
  readonly name: string;
  readonly uid?: string;
}

/** Makes tokens of ServiceAccounts, and tells whom a token stands for. */
export class AccountTokens {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #makeKey: () => SigningKey;
  #key: SigningKey | undefined;

  /** `now` in milliseconds since the epoch; `key` is asked for when the first token is made or shown. */
  constructor({ store, now, key }: { store: Store; now: () => number; key: () => SigningKey }) {
    this.#store = store;
    this.#now = now;
    this.#makeKey = key;
  }

  issue({ account, audiences, expirationSeconds, bound }: IssuedToken): {
    token: string;
    expiresAtMs: number;
  } {
    const { namespace, name } = account;
    const issuedAt = Math.floor(this.#now() / 1_000);
    const exp = issuedAt + expirationSeconds;
    const token = this.#signingKey().sign({
      aud: audiences,
      exp,
      iat: issuedAt,
      iss: apiAudience,
      jti: crypto.randomUUID(),
      "kubernetes.io": {
        namespace,
        ...(bound?.kind === "pod" && this.#nodeOf(bound.object)),
        ...(bound && { [bound.kind]: reference(bound.object) }),
        serviceaccount: reference(account),
      },
      nbf: issuedAt,
      sub: username(namespace, name),
    });
    return { token, expiresAtMs: exp * 1_000 };
  }

  /**
   * Whom the token stands for, and for which of the wanted audiences it is. Undefined where it is none of ours, is for
   * somebody else, has expired, or its ServiceAccount or the object that it is bound to is not there any more.
   */
  authenticate(token: string, wanted: readonly string[]): { user: User; audiences: string[] } | undefined {
    // Two dots: what cannot be a JWT needs no key to be refused.
    const claims = token.split(".").length === 3 ? this.#signingKey().claims(token) : undefined;
    if (claims === undefined || claims.iss !== apiAudience) return undefined;
    const nowSeconds = this.#now() / 1_000;
    if (Number(claims.exp) + leewaySeconds < nowSeconds || Number(claims.nbf) - leewaySeconds > nowSeconds)
      return undefined;
    const audiences = wanted.filter((each) => Array.isArray(claims.aud) && claims.aud.includes(each));
    if (audiences.length === 0) return undefined;

    const ours = record(claims, "kubernetes.io");
    const namespace = text(ours, "namespace");
    const account = referenceIn(ours, "serviceaccount");
    if (account === undefined || !this.#isThere("serviceaccounts", namespace, account)) return undefined;
    const [pod, secret, node] = (["pod", "secret", "node"] as const).map((kind) => referenceIn(ours, kind));
    if (pod && !this.#isThere("pods", namespace, pod)) return undefined;
    if (secret && !this.#isThere("secrets", namespace, secret)) return undefined;
    // Of a Pod's token the node only tells where the Pod ran.
    if (node && !pod && !this.#isThere("nodes", "", node)) return undefined;
    return {
      audiences,
      user: {
        username: username(namespace, account.name),
        uid: account.uid ?? "",
        groups: [...accountGroups(namespace), "system:authenticated"],
        extra: {
          "authentication.kubernetes.io/credential-id": [`JTI=${text(claims, "jti")}`],
          ...(node && extraOf("node", node)),
          ...(pod && extraOf("pod", pod)),
        },
      },
    };
  }

  #isThere(collection: string, namespace: string, { name, uid }: Reference): boolean {
    const { metadata } = this.#store.collection(collection).get(namespace, name)?.object ?? {};
    if (metadata === undefined || metadata.uid !== uid) return false;
    const deletedAt = metadata.deletionTimestamp;
    return deletedAt === undefined || Date.parse(String(deletedAt)) + leewaySeconds * 1_000 >= this.#now();
  }

  /** Where the Pod is, once it is anywhere; without a uid where nobody knows the node. */
  #nodeOf(pod: Stored): { node?: Reference } {
    const name = text(record(pod.object, "spec"), "nodeName");
    if (name === "") return {};
    const node = this.#store.collection("nodes").get("", name);
    return { node: node === undefined ? { name } : reference(node) };
  }

  #signingKey(): SigningKey {
    this.#key ??= this.#makeKey();
    return this.#key;
  }
}

const usernamePrefix = "system:serviceaccount:";

function username(namespace: string, name: string): string {
  return `${usernamePrefix}${namespace}:${name}`;
}

/** The namespace and name of the ServiceAccount that a username speaks of; undefined for any other. */
export function accountOfUsername(name: string): { namespace: string; name: string } | undefined {
  if (!name.startsWith(usernamePrefix)) return undefined;
  const parts = name.slice(usernamePrefix.length).split(":");
  const [namespace = "", account = ""] = parts;
  return parts.length === 2 && namespace !== "" && account !== "" ? { namespace, name: account } : undefined;
}

/** Of every ServiceAccount in the namespace. */
export function accountGroups(namespace: string): string[] {
  return ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
}

function extraOf(kind: "node" | "pod", { name, uid }: Reference): Record<string, string[]> {
  const prefix = `authentication.kubernetes.io/${kind}`;
  return { [`${prefix}-name`]: [name], ...(uid !== undefined && { [`${prefix}-uid`]: [uid] }) };
}

function reference({ name, object }: Stored): Reference {
  return { name, uid: String(object.metadata.uid) };
}

function referenceIn(claims: Record<string, unknown>, key: string): Reference | undefined {
  if (claims[key] === undefined) return undefined;
  const [name, uid] = [text(record(claims, key), "name"), text(record(claims, key), "uid")];
  return { name, ...(uid !== "" && { uid }) };
}
