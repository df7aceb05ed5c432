import type { EndpointView } from "#core/service/mod.ts";
import type { Informer } from "./types.ts";
import type { EndpointSliceView } from "./views/mod.ts";

/** All endpoints of each Service, joined from its EndpointSlices. */
export class EndpointIndex {
  /** Most Services have one slice, which stands here itself. */
  readonly #slices = new Map<string, EndpointSliceView | readonly EndpointSliceView[]>();

  /**
   * Calls back with the Service's key, `namespace/name`, and its endpoints after they changed; before it returns, for
   * what the informer has already.
   */
  constructor(
    informer: Pick<Informer<EndpointSliceView>, "subscribe">,
    onChange: (service: string, endpoints: readonly EndpointView[]) => void,
  ) {
    const replace = (service: string, name: string, slice: EndpointSliceView | undefined) => {
      this.#replace(service, name, slice);
      onChange(service, this.of(service));
    };
    informer.subscribe({
      changed: (after, before) => {
        if (before?.service !== undefined && before.service !== after.service)
          replace(before.service, before.name, undefined);
        if (after.service !== undefined) replace(after.service, after.name, after);
      },
      removed: (before) => {
        if (before.service !== undefined) replace(before.service, before.name, undefined);
      },
    });
  }

  /** Of all slices; an endpoint may stand in two of them while it moves from one to the other. */
  of(service: string): readonly EndpointView[] {
    const slices = this.#of(service);
    const [only] = slices;
    return slices.length === 1 && only ? only.endpoints : slices.flatMap(({ endpoints }) => endpoints);
  }

  #of(service: string): readonly EndpointSliceView[] {
    const found = this.#slices.get(service);
    return found === undefined ? [] : "endpoints" in found ? [found] : found;
  }

  #replace(service: string, name: string, slice: EndpointSliceView | undefined): void {
    const others = this.#of(service).filter((one) => one.name !== name);
    const slices = slice ? [...others, slice] : others;
    const [first] = slices;
    if (first === undefined) this.#slices.delete(service);
    else this.#slices.set(service, slices.length === 1 ? first : slices);
  }
}
