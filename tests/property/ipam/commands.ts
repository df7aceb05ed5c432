import fc from "fast-check";
import { name, type PoolObjects, pools, type Spec, spec } from "./generators.ts";
import { check, type Snapshot, snapshot } from "./invariants.ts";
import type { World } from "./world.ts";

/** What a run carries beside the world: the state before the next step, and how many steps there were. */
export interface Model {
  before: Snapshot;
  steps: number;
}

type Command = fc.Command<Model, World>;

/** A step and its words; every step, and each part of it that it yields, is followed by all checks. */
class Step implements Command {
  constructor(
    readonly words: string,
    readonly work: (world: World) => Iterable<void> | void,
  ) {}

  check(): boolean {
    return true;
  }

  run(model: Model, world: World): void {
    const wasRestarted = this.words.startsWith("restart");
    for (const _ of this.work(world) ?? []) model.before = check(world, model.before, wasRestarted);
    model.steps++;
    model.before = check(world, model.before, wasRestarted);
  }

  toString(): string {
    return this.words;
  }
}

function* deliverEach(world: World, key: string): Iterable<void> {
  while (world.lag.has(key)) {
    world.deliver(key);
    yield;
  }
}

const keyOf = (each: string) => (each.includes("/") ? each : `default/${each}`);
const text = (value: unknown) => JSON.stringify(value);

const create = (each: string, wanted: Spec, isDelivered: boolean) =>
  new Step(`create ${each} ${text(wanted)}${isDelivered ? "" : ", late"}`, (world) => {
    if (world.api.has(keyOf(each))) world.edit(keyOf(each), wanted);
    else world.create(each, wanted);
    return isDelivered ? deliverEach(world, keyOf(each)) : [];
  });

const remove = (each: string, isDelivered: boolean) =>
  new Step(`delete ${each}${isDelivered ? "" : ", late"}`, (world) => {
    world.remove(keyOf(each));
    return isDelivered ? deliverEach(world, keyOf(each)) : [];
  });

const setPools = (objects: PoolObjects) =>
  new Step(`pools ${text(objects)}`, (world) => world.setPools(objects));

export const commands: fc.Arbitrary<Command>[] = [
  fc.tuple(name, spec, fc.boolean()).map(([each, wanted, isDelivered]) => create(each, wanted, isDelivered)),
  fc.tuple(name, spec).map(([each, wanted]) => create(each, wanted, true)),
  fc.tuple(name, fc.boolean()).map(([each, isDelivered]) => remove(each, isDelivered)),
  pools.map(setPools),
  fc
    .tuple(name, fc.boolean())
    .map(([each, skip]) => new Step(`deliver ${each} ${skip}`, (world) => world.deliver(keyOf(each), skip))),
  name.map((each) => new Step(`deliver again ${each}`, (world) => world.deliverAgain(keyOf(each)))),
  name.map((each) => new Step(`write ${each}`, (world) => world.write(keyOf(each)))),
  fc.constant(null).map(
    () =>
      new Step("write all", (world) => {
        for (const key of [...world.toWrite]) world.write(key);
      }),
  ),
  fc.constant(null).map(() => new Step("write what is reserved", (world) => world.writeRecorded())),
  fc.constantFrom(100, 1_000, 6_000).map((ms) => new Step(`${ms} ms pass`, (world) => world.advance(ms))),
  fc.nat(100).map((order) => new Step(`restart in order ${order}`, (world) => world.restart(order))),
];

export function begin(world: World): Model {
  return { before: snapshot(world), steps: 0 };
}
