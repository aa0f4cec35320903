/** Counts what happens, for whoever waits until it has happened so often. */

export class Counter {
  private counted = 0;
  private look: (() => void) | null = null;

  get count(): number {
    return this.counted;
  }

  add(): void {
    this.counted += 1;
    this.look?.();
  }

  /** Resolves when it has happened so many times more. */
  async more(times: number): Promise<void> {
    const wanted = this.counted + times;
    while (this.counted < wanted) {
      await new Promise<void>((resolve) => {
        this.look = resolve;
      });
    }
  }
}
