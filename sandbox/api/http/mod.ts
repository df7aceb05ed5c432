/** The API over HTTP: paths, content negotiation, discovery, OpenAPI, tokens. */
export { type Audit, HttpServer } from "./server.ts";
