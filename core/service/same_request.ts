import { onRemovalAnnotation, poolAnnotation } from "./service_key.ts";
import type { ServiceView } from "./types.ts";

/** True where two views of one Service can only lead to the same decision: they differ in status at most. */
export function sameRequest(a: ServiceView, b: ServiceView): boolean {
  return (
    a.type === b.type &&
    a.loadBalancerClass === b.loadBalancerClass &&
    a.loadBalancerIP === b.loadBalancerIP &&
    a.ipFamilyPolicy === b.ipFamilyPolicy &&
    a.externalTrafficPolicy === b.externalTrafficPolicy &&
    a.creationTimestampMs === b.creationTimestampMs &&
    sameList(a.clusterIPs, b.clusterIPs) &&
    sameList(a.ipFamilies, b.ipFamilies) &&
    a.ports.length === b.ports.length &&
    a.ports.every(
      ({ port, protocol }, at) => b.ports[at]?.port === port && b.ports[at]?.protocol === protocol,
    ) &&
    sameMap(a.labels, b.labels) &&
    sameMap(a.selector, b.selector) &&
    sameMap(withoutOurs(a.annotations), withoutOurs(b.annotations))
  );
}

/** Our own annotations say what was written, not what is asked for. */
function withoutOurs({
  [poolAnnotation]: _pool,
  [onRemovalAnnotation]: _onRemoval,
  ...rest
}: Readonly<Record<string, string>>) {
  return rest;
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, at) => text === b[at]);
}

function sameMap(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key])
  );
}
