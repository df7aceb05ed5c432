/**
 * The verbs of a running sandbox: what may be asked on its Unix socket, how it obeys, and what it tells of itself.
 *
 * ```ts
 * await serveControl(paths.socket(controlName), (request) => obey(sandbox, request));
 * await askControl(controlSocket(stateDirectory), { verb: "kill", part: "speaker", node: "node2" });
 * ```
 */
export {
  askControl,
  type ControlRequest,
  controlName,
  controlSocket,
  type Part,
  serveControl,
} from "./control.ts";
export { obey } from "./obey.ts";
export { type SandboxStatus, sandboxStatus } from "./status.ts";
