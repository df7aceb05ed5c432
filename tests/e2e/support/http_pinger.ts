import type { Pinged } from "./http_pinger_child.ts";
import type { ClusterLan } from "./lan.ts";

/** Somebody at the client who fetches from an address all the time while something happens. */
export async function whilePinging(
  lan: ClusterLan,
  address: string,
  work: () => Promise<unknown>,
): Promise<Pinged> {
  const program = [process.execPath, `${import.meta.dir}/http_pinger_child.ts`, address];
  const child = Bun.spawn(lan.command("client", ...program), {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    await Bun.sleep(500);
    await work();
    await Bun.sleep(500);
  } finally {
    child.stdin.end();
  }
  return (await new Response(child.stdout).json()) as Pinged;
}
