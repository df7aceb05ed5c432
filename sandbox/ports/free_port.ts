import { createServer } from "node:net";

/** Listens on the wanted port of 127.0.0.1, or on any free one where that is taken. */
export async function onFreePort<T>(wanted: number, listen: (port: number) => T | Promise<T>): Promise<T> {
  // Asked apart: outside development Bun.serve sets SO_REUSEPORT and would share a port with another server of Bun's.
  if (wanted === 0 || !(await isFree(wanted))) return await listen(0);
  try {
    return await listen(wanted);
  } catch {
    return await listen(0);
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port }, () => server.close(() => resolve(true)));
  });
}
