export interface ServiceName {
  namespace: string;
  name: string;
}

/** `namespace/name` in its parts; neither can contain a slash. */
export function splitKey(key: string): ServiceName {
  const slash = key.indexOf("/");
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
