/** The API over HTTP: paths, content negotiation, discovery, OpenAPI, tokens. */
export { HttpServer } from "./server.ts";
export { type User, Users } from "./users.ts";
