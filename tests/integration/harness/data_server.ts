/** The sandbox's API on the data file of the first argument, a process to be killed. Prints its port. */
import { createSandboxApi, DataFile } from "#sandbox/api/mod.ts";

const api = createSandboxApi({ now: Date.now, dataFile: DataFile.open(process.argv[2] ?? "") });
api.addToken("t", { username: "admin", groups: ["system:masters"] });
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => api.fetch(request) });
console.log(server.port);
