import type { EndpointView } from "#core/service/mod.ts";
import type { Informer } from "./types.ts";
import type { EndpointSliceView } from "./views/mod.ts";

/** All endpoints of each Service, joined from its EndpointSlices. */
export class EndpointIndex {
  readonly #slices = new Map<string, Map<string, readonly EndpointView[]>>();

  /**
   * Calls back with the Service's key, `namespace/name`, and its endpoints after they changed; before it returns, for
   * what the informer has already.
   */
  constructor(
    informer: Pick<Informer<EndpointSliceView>, "subscribe">,
    onChange: (service: string, endpoints: EndpointView[]) => void,
  ) {
    const changed = (service: string) => onChange(service, this.of(service));
    informer.subscribe({
      changed: (after, before) => {
        if (before?.service !== undefined && before.service !== after.service) {
          this.#set(before, undefined);
          changed(before.service);
        }
        if (after.service === undefined) return;
        this.#set(after, after.endpoints);
        changed(after.service);
      },
      removed: (before) => {
        if (before.service === undefined) return;
        this.#set(before, undefined);
        changed(before.service);
      },
    });
  }

  /** Of all slices; an endpoint may stand in two of them while it moves from one to the other. */
  of(service: string): EndpointView[] {
    return [...(this.#slices.get(service)?.values() ?? [])].flat();
  }

  #set({ service = "", name }: EndpointSliceView, endpoints: readonly EndpointView[] | undefined): void {
    const slices = this.#slices.get(service) ?? new Map<string, readonly EndpointView[]>();
    if (endpoints) slices.set(name, endpoints);
    else slices.delete(name);
    if (slices.size > 0) this.#slices.set(service, slices);
    else this.#slices.delete(service);
  }
}
