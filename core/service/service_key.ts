/** Written with the status: the name of the IPAddressPool that the addresses come from. */
export const poolAnnotation = "metallb.io/ip-allocated-from-pool";

/** Written with the status where the pool says `on-removal: keep`: after a restart it speaks for a pool that is gone. */
export const onRemovalAnnotation = "metallb.io/on-removal";

/** `namespace/name`, by which the allocator, the book and informers know a Service. */
export function serviceKey(service: { readonly namespace: string; readonly name: string }): string {
  return `${service.namespace}/${service.name}`;
}

/** On a Service that waited when a controller took over from one that had not said goodbye: when that was. */
export const takenOverAnnotation = "metallb.io/taken-over-at";
