interface Running {
  readonly isRunning: boolean;
}

/**
 * Which of the controllers' machines a Pod's process runs at: the first one that is free, and again the same one when
 * it is started again, unless another has it meanwhile.
 */
export class ControllerSlots {
  readonly #slots = new Map<string, number>();
  readonly #children = new Map<string, Running>();

  /** 0, 1, … */
  of(uid: string): number {
    const known = this.#slots.get(uid);
    if (known !== undefined && !this.#takenByOthers(uid).has(known)) return known;
    const taken = this.#takenByOthers(uid);
    let free = 0;
    while (taken.has(free)) free++;
    this.#slots.set(uid, free);
    return free;
  }

  started(uid: string, child: Running): void {
    this.#children.set(uid, child);
  }

  #takenByOthers(uid: string): Set<number> {
    const others = [...this.#slots].filter(
      ([other]) => other !== uid && this.#children.get(other)?.isRunning,
    );
    return new Set(others.map(([, slot]) => slot));
  }
}

/** The station, the log and the sockets of the controller at that place: `controller`, `controller-2`, … */
export function controllerAt(slot: number): string {
  return slot === 0 ? "controller" : `controller-${slot + 1}`;
}
