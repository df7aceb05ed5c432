/** Paths of the console; names are quoted for the URL in this one place. */
import type { ServiceQuery } from "../ports.ts";

export function servicePath(namespace: string, name: string): string {
  return `/services/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

export function poolPath(name: string): string {
  return `/pools/${encodeURIComponent(name)}`;
}

export function speakerPath(node: string): string {
  return `/speakers/${encodeURIComponent(node)}`;
}

export const pageSizeDefault = 50;

export const serviceQueryDefault: ServiceQuery = {
  search: "",
  sort: "name",
  descending: false,
  state: "all",
  page: 1,
  pageSize: pageSizeDefault,
};

/** The shortest URL that asks for it: what is default is left out. */
export function servicesPath(query: Partial<ServiceQuery>): string {
  const asked = { ...serviceQueryDefault, ...query };
  const parts = new URLSearchParams();
  if (asked.search !== "") parts.set("search", asked.search);
  if (asked.state !== serviceQueryDefault.state) parts.set("state", asked.state);
  if (asked.sort !== serviceQueryDefault.sort) parts.set("sort", asked.sort);
  if (asked.descending) parts.set("order", "descending");
  if (asked.page !== 1) parts.set("page", String(asked.page));
  if (asked.pageSize !== pageSizeDefault) parts.set("size", String(asked.pageSize));
  return withQuery("/services", parts);
}

export interface ListQuery {
  search: string;
  page: number;
}

export function listPath(path: string, query: Partial<ListQuery>): string {
  const parts = new URLSearchParams();
  if (query.search) parts.set("search", query.search);
  if (query.page !== undefined && query.page !== 1) parts.set("page", String(query.page));
  return withQuery(path, parts);
}

function withQuery(path: string, parts: URLSearchParams): string {
  const text = parts.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** A path inside the console, or the start page for anything else (`//elsewhere`, `javascript:`). */
export function innerPath(path: string): string {
  return /^\/(?![/\\])[^\s\\]*$/.test(path) ? path : "/";
}
