/** The container image: how large it is, how soon controller and speaker are ready under crun, and what each holds then. */
import { rmSync } from "node:fs";
import { ContainerLab } from "../integration/harness/container/container_lab.ts";
import { unpackedImage } from "../integration/harness/container/unpacked_image.ts";
import { temporaryDirectory } from "../integration/harness/temporary.ts";
import { memoryOf, table } from "./measure.ts";

const starts = 5;
/** What a start leaves behind is collected by then. */
const settleMs = 3_000;

const directory = temporaryDirectory("bench-image");
const unpacked = await unpackedImage(directory);
const lab = await ContainerLab.start("bench-container", unpacked);
try {
  const rootBytes = Number((await Bun.$`du -sb ${unpacked.root}`.text()).split("\t")[0]);
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  const archiveBytes = Bun.file(unpacked.archive).size;
  console.log(`   archive ${megabytes(archiveBytes)} MB, unpacked ${megabytes(rootBytes)} MB`);
  const rows: (string | number)[][] = [];
  for (const part of ["controller", "speaker"] as const) {
    const ready: number[] = [];
    let memory = { nowMB: 0, peakMB: 0 };
    for (let start = 1; start <= starts; start++) {
      ready.push(await lab.startPart(part));
      if (start === starts) {
        await Bun.sleep(settleMs);
        memory = await memoryOf((await lab.look()).pid);
      }
      await lab.stopPart();
    }
    ready.sort((a, b) => a - b);
    rows.push([
      part,
      ready[0] ?? 0,
      ready[starts >> 1] ?? 0,
      ready[starts - 1] ?? 0,
      memory.nowMB,
      memory.peakMB,
    ]);
  }
  table(
    `${starts} starts of each under crun, with the rights of the manifests, until /readyz; memory of the last ${settleMs / 1e3} s later`,
    ["", "fastest ms", "median ms", "slowest ms", "now MB", "peak MB"],
    rows,
  );
} finally {
  await lab.end();
  rmSync(directory, { recursive: true, force: true });
}
