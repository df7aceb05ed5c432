import type { Sandbox, SandboxNews, SandboxOptions } from "#sandbox/mod.ts";
import { banner, type Caller } from "./banner.ts";
import type { Say } from "./texts.ts";

/** Starts a sandbox and stays until a signal, `metallb sandbox stop`, or the end of the world. */
export async function runSandbox(options: SandboxOptions, caller: Caller, say: Say): Promise<void> {
  const { abandonStart, startSandbox } = await import("#sandbox/mod.ts");
  let sandbox: Sandbox | undefined;
  let signals = 0;
  const stop = () => {
    signals++;
    if (signals === 1 && sandbox) {
      console.log(`\n${say("stopping")}`);
      void sandbox.stop();
      return;
    }
    // Not up yet, or asked twice: no more waiting for goodbyes.
    if (sandbox) sandbox.abandon();
    else abandonStart(options.stateDirectory);
    console.log(`\n${say("hardStop")}`);
    process.exit(130);
  };
  // A terminal that is closed sends SIGHUP.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  sandbox = await startSandbox(options, (news) => console.log(newsText(news, say)));
  console.log(banner(sandbox, options.version, caller, say));
  await sandbox.ended;
  console.log(say("stopped"));
  process.exit(0);
}

function newsText(news: SandboxNews, say: Say): string {
  switch (news.type) {
    case "leftovers": {
      const { processes, namespaces } = news.removed;
      return say("leftovers", { processes: processes.length, namespaces: namespaces.length });
    }
    case "died": {
      const { child, how, logFile } = news;
      const lines = child.lastLines(10).map((line) => `  ${line}`);
      return [say("died", { name: child.name, how, file: logFile }), ...lines].join("\n");
    }
    case "late":
      return say("late", { names: news.names.join(", "), logs: news.logs });
  }
}
