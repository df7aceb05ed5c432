/** What one request asks of the Kubernetes API, in the words of the metric of calls. */
export interface Ask {
  readonly verb: "GET" | "LIST" | "WATCH" | "POST" | "PATCH" | "DELETE";
  /** Plural, with the subresource: `services/status`. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly query: URLSearchParams;
  /** User-Agent up to the slash: `metallb-controller`. */
  readonly agent: string;
}

/** Paths as in Kubernetes API concepts, "Resource URIs". */
export function askOf(method: string, path: string, agent: string): Ask {
  const url = new URL(path, "http://api");
  const parts = url.pathname.split("/").filter((part) => part !== "");
  const rest = parts.slice(parts[0] === "api" ? 2 : 3);
  const isNamespaced = rest[0] === "namespaces" && rest.length > 2;
  const [plural = "", name, subresource] = isNamespaced ? rest.slice(2) : rest;
  const read = url.searchParams.get("watch") === "true" ? "WATCH" : name === undefined ? "LIST" : "GET";
  return {
    verb: method === "GET" ? read : (method as Ask["verb"]),
    resource: subresource === undefined ? plural : `${plural}/${subresource}`,
    ...(isNamespaced && { namespace: rest[1] ?? "" }),
    ...(name !== undefined && { name }),
    query: url.searchParams,
    agent: agent.split("/")[0] ?? "",
  };
}
