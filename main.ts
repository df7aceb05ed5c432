#!/usr/bin/env bun
import { Command } from "commander";
import {
  appletCalled,
  appletCommands,
  bundleCommand,
  checkCommand,
  controllerCommand,
  convertCommand,
  explainCommand,
  runApplet,
  sandboxCommand,
  speakerCommand,
  statusCommand,
  strictArpCommand,
} from "#cli/mod.ts";
import manifest from "./package.json" with { type: "json" };

/** The parts are imported only when they run: a speaker never loads the console, nor the controller a packet socket. */
function program(): Command {
  const metallb = new Command("metallb")
    .description("Load balancing for Kubernetes clusters that have no cloud")
    .version(manifest.version)
    .enablePositionalOptions()
    .showHelpAfterError("(add --help for what is allowed)");
  metallb.addCommand(controllerCommand(manifest.version));
  metallb.addCommand(speakerCommand(manifest.version));
  metallb.addCommand(sandboxCommand(manifest.version));
  metallb.addCommand(statusCommand(manifest.version));
  metallb.addCommand(explainCommand(manifest.version));
  metallb.addCommand(bundleCommand(manifest.version));
  metallb.addCommand(strictArpCommand(manifest.version));
  metallb.addCommand(checkCommand());
  metallb.addCommand(convertCommand());
  for (const applet of appletCommands()) metallb.addCommand(applet, { hidden: true });
  return metallb;
}

try {
  const applet = appletCalled(process.argv0);
  if (applet) process.exit(await runApplet(applet, process.argv.slice(2)));
  await program().parseAsync();
} catch (error) {
  // What the world refused at the start is told in a line; how it came about helps only those who ask.
  console.error(`metallb: ${error instanceof Error ? error.message : error}`);
  if (process.env.METALLB_TRACE && error instanceof Error) console.error(error.stack);
  process.exit(1);
}
