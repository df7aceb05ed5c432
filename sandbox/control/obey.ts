import type { Sandbox } from "../sandbox.ts";
import type { ControlRequest } from "./control.ts";

/** Carries out one request of the control socket; its answer is plain data. */
export async function obey(sandbox: Sandbox, request: ControlRequest): Promise<unknown> {
  switch (request.verb) {
    case "status":
      return await sandbox.status();
    case "login":
      return sandbox.loginUrl();
    case "kill":
      return described(await sandbox.kill(request.part, request.node));
    case "start":
      return described(sandbox.start(request.part, request.node));
    case "cut":
      return sandbox.cut(request.station, request.cut);
    case "heal":
      return sandbox.heal(request.station);
    case "stop":
      // The answer goes out first; the asker then waits for the process to end.
      setImmediate(() => void sandbox.stop());
      return process.pid;
  }
}

function described({ name, pid }: { name: string; pid: number }): { name: string; pid: number } {
  return { name, pid };
}
