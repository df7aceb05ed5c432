type Labels = Record<string, string>;

/** Names of a release `metallb` -> the manifests'. */
const namesOf: Record<string, string> = {
  "metallb-controller": "controller",
  "metallb-speaker": "speaker",
  "metallb:controller": "metallb-system:controller",
  "metallb:speaker": "metallb-system:speaker",
  "metallb:metrics-reader": "metallb-system:metrics-reader",
  "metallb-prometheus": "prometheus-k8s",
  "metallb-memberlist": "memberlist",
  "metallb-default-deny": "default-deny",
  "app.kubernetes.io/name=metallb,app.kubernetes.io/instance=metallb,app.kubernetes.io/component=speaker":
    "app=metallb,component=speaker",
};

/**
 * An object of the chart with the manifests' names and labels, and one of the manifests as it is. Labels of an object
 * itself, which nothing selects by, are left out on both sides.
 */
export function likeManifests<T extends { metadata: { name: string } }>(object: T): T {
  const copy = translate(object) as T & { metadata: { labels?: unknown } };
  delete copy.metadata.labels;
  return copy;
}

function translate(value: unknown): unknown {
  if (typeof value === "string") return namesOf[value] ?? value;
  if (Array.isArray(value)) return value.map(translate);
  if (typeof value !== "object" || value === null) return value;
  if ("app.kubernetes.io/name" in value) {
    const { "app.kubernetes.io/component": component } = value as Labels;
    return { app: "metallb", ...(component && { component }) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, translate(item)]));
}

/** Everything in an object that selects Pods, except a policy that is for all of them. */
export function selectorsOf(object: Record<string, unknown>): { where: string; labels: Labels }[] {
  const { kind, spec } = object as {
    kind: string;
    spec?: { selector?: Labels | { matchLabels: Labels }; podSelector?: { matchLabels?: Labels } };
  };
  const selector = spec?.selector ?? spec?.podSelector;
  if (!selector || Object.keys(selector).length === 0) return [];
  const labels = "matchLabels" in selector ? (selector.matchLabels as Labels) : (selector as Labels);
  return [{ where: kind, labels }];
}
