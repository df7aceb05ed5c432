import type { Lan } from "./lan.ts";
import type { Probed } from "./probe_child.ts";

/** Asks from the witness for an address each 10 ms, for as long as the work lasts; gives what was lost of it. */
export async function whileProbing(lan: Lan, address: string, work: () => Promise<unknown>): Promise<Probed> {
  const [link] = JSON.parse(
    Bun.spawnSync(lan.command("witness", "ip", "-j", "link", "show", "dev", "eth0")).stdout.toString(),
  );
  const program = [process.execPath, `${import.meta.dir}/probe_child.ts`];
  const facts = ["eth0", `${link.ifindex}`, lan.station("witness").mac, address];
  const child = Bun.spawn(lan.command("witness", ...program, ...facts), {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    // It must have begun before what it is to see.
    await Bun.sleep(500);
    await work();
    await Bun.sleep(200);
  } finally {
    child.stdin.end();
  }
  return (await new Response(child.stdout).json()) as Probed;
}
