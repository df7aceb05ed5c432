import type { ResourceAttributes } from "../authorization/mod.ts";
import { StatusError } from "../status_error.ts";
import { accountGroups, accountOfUsername } from "../tokens/mod.ts";
import type { User } from "../users.ts";

const anonymous = "system:anonymous";
const authenticated = "system:authenticated";
const unauthenticated = "system:unauthenticated";
const extraPrefix = "impersonate-extra-";

/** What a request asks to be, and what the one who asks must be allowed for it. */
export interface Impersonation {
  readonly user: User;
  readonly needs: readonly ResourceAttributes[];
}

/** kubernetes.io "Authenticating", User impersonation. Undefined for a request that asks to be nobody else. */
export function impersonationOf(headers: Headers): Impersonation | undefined {
  const username = headers.get("impersonate-user") ?? "";
  const asked = valuesOf(headers.get("impersonate-group"));
  const uid = headers.get("impersonate-uid") ?? "";
  const extra = extraOf(headers);
  const extras = Object.entries(extra).flatMap(([key, values]) => values.map((value) => ({ key, value })));
  if (username === "") {
    if (asked.length === 0 && uid === "" && extras.length === 0) return undefined;
    const what = "requested a group, a UID or an extra";
    throw new StatusError(
      500,
      "InternalError",
      `Internal error occurred: ${what} without impersonating a user`,
    );
  }
  const account = accountOfUsername(username);
  const groups = asked.length > 0 || account === undefined ? asked : accountGroups(account.namespace);
  return {
    user: {
      username,
      groups: withEveryones(username, groups),
      ...(uid !== "" && { uid }),
      ...(extras.length > 0 && { extra }),
    },
    needs: [
      account ? { ...may("serviceaccounts", account.name), ...account } : may("users", username),
      ...asked.map((group) => may("groups", group)),
      ...extras.map(({ key, value }) => ({ ...may("userextras", value, authentication), subresource: key })),
      ...(uid === "" ? [] : [may("uids", uid, authentication)]),
    ],
  };
}

const authentication = "authentication.k8s.io";

function may(resource: string, name: string, group = ""): ResourceAttributes {
  return { verb: "impersonate", group, resource, subresource: "", namespace: "", name };
}

/** Everybody is of one of two groups, known or not, unless the request itself says of which. */
function withEveryones(username: string, groups: readonly string[]): string[] {
  const isSaid =
    groups.includes(unauthenticated) || (username !== anonymous && groups.includes(authenticated));
  return isSaid ? [...groups] : [...groups, username === anonymous ? unauthenticated : authenticated];
}

/** Keys come in lower case, with what no header's name may hold percent-encoded. */
function extraOf(headers: Headers): Record<string, string[]> {
  const extra: Record<string, string[]> = {};
  for (const [name, value] of headers) {
    if (name.startsWith(extraPrefix)) extra[decoded(name.slice(extraPrefix.length))] = valuesOf(value);
  }
  return extra;
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** Headers of one name come joined by a comma and a space (RFC 9110 §5.3). */
function valuesOf(header: string | null): string[] {
  return (header ?? "").split(", ").filter((value) => value !== "");
}
