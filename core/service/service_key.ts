/** Written with the status: the name of the IPAddressPool that the addresses come from. */
export const poolAnnotation = "metallb.io/ip-allocated-from-pool";

/** `namespace/name`, by which the allocator, the book and informers know a Service. */
export function serviceKey(service: { readonly namespace: string; readonly name: string }): string {
  return `${service.namespace}/${service.name}`;
}
