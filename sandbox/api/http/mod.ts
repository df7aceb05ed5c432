/** The API over HTTP: paths, content negotiation, discovery, OpenAPI, tokens. */
export { HttpServer } from "./server.ts";
