import type { ServiceL2StatusView } from "#k8s/mod.ts";

/** How a Service stands with this node, as far as its ServiceL2Status is concerned. */
export type Standing =
  /** This node answers for its addresses; its first gratuitous frames are out. */
  | { is: "announced"; interfaces: readonly string[] }
  /** This node is to answer, and does not say yet that it does: probing, or just restarted. */
  | { is: "awaited" }
  /** Another node is to answer. `isOverdue`: it has had the time to say so. */
  | { is: "lost"; isOverdue: boolean }
  /** Nobody is, or there is no such Service. */
  | { is: "nothing" };

export type Step =
  | { do: "create"; interfaces: readonly string[] }
  | { do: "fill"; name: string; interfaces: readonly string[] }
  | { do: "remove"; name: string };

/**
 * What to write for one Service: of all its objects only that of the node which truly announces remains. What another
 * node wrote is removed only by the one that announces; whoever lost removes its own, and leaves it until the new
 * announcer's is there, so that the incumbent is known throughout.
 */
export function plan(
  standing: Standing,
  objects: readonly ServiceL2StatusView[],
  self: { owner: string; podUid?: string | undefined },
): Step[] {
  const own = objects.filter(({ owner }) => owner === self.owner);
  const remove = (those: readonly ServiceL2StatusView[]) =>
    those.map(({ name }): Step => ({ do: "remove", name }));
  if (standing.is === "awaited") return [];
  if (standing.is === "nothing") return remove(own);
  if (standing.is === "lost") {
    return standing.isOverdue || own.length < objects.length ? remove(own) : [];
  }
  // A status that names another node or Service cannot be changed (its fields are immutable), and what an earlier Pod
  // owns goes with that Pod: both are made anew.
  const isUsable = ({ isStuck, ownerUid }: ServiceL2StatusView) =>
    !isStuck && (ownerUid === undefined || self.podUid === undefined || ownerUid === self.podUid);
  const [kept] = own.filter(isUsable).toSorted(olderFirst);
  const { interfaces } = standing;
  const steps: Step[] = [];
  if (!kept) steps.push({ do: "create", interfaces });
  else {
    const isRight = kept.isFilled && kept.interfaces.join() === interfaces.join();
    if (!isRight) steps.push({ do: "fill", name: kept.name, interfaces });
  }
  return [...steps, ...remove(objects.filter((object) => object !== kept))];
}

function olderFirst(a: ServiceL2StatusView, b: ServiceL2StatusView): number {
  return a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1);
}
