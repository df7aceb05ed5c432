/**
 * A Kubernetes API server in the process, in memory or on a file: unmodified kubectl, client-go style informers and the product's
 * own client work on it over HTTPS; the sandbox's controllers use {@link SandboxApi.client} without a socket.
 *
 * ```ts
 * const api = createSandboxApi({ now: Date.now });
 * api.addToken("secret", { username: "admin", groups: ["system:masters"] });
 * const certificates = await createCertificates({ names: ["localhost"], addresses: ["127.0.0.1"], now: new Date() });
 * const server = serveSandboxApi(api, { hostname: "127.0.0.1", port: 0, certificate: certificates });
 * await Bun.write("kubeconfig", writeKubeconfig({ server: server.url, caPem: certificates.caPem, token: "secret" }));
 * ```
 *
 * Limits: JSON bodies of at most 3 MiB; every watch may resume over the last 20,000 events of its kind.
 */
export { createSandboxApi, type SandboxApi, type SandboxApiOptions } from "./api.ts";
export { type Certificates, createCertificates, type ServingCertificate } from "./certificates.ts";
export { type KubeconfigOptions, writeKubeconfig } from "./kubeconfig.ts";
export { type ServeOptions, type ServingSandboxApi, serveSandboxApi } from "./serve.ts";
export { DataFile } from "./store/mod.ts";
export {
  type ContainerLog,
  type ContainerRef,
  type Execution,
  type LogLine,
  type PodConnection,
  type PodRuntime,
  RuntimeError,
} from "./streams/mod.ts";
