/** @jsxImportSource hono/jsx */
import { servicePath } from "../paths.ts";

/** `namespace/name`, leading to its page. */
export function ServiceLink({ namespace, name }: { namespace: string; name: string }) {
  return <a href={servicePath(namespace, name)}>{`${namespace}/${name}`}</a>;
}
