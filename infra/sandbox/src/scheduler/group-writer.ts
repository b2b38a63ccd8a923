interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const LARGEST_GROUP = 64;

/**
 * Writes what arrives while a write is under way together, in the next one: under load a statement carries many items,
 * and alone an item does not wait. When a group fails its items are tried one by one, so that none fails its neighbours.
 */
export class GroupWriter<Item> {
  private waiting: Waiting<Item>[] = [];
  private writing = false;

  constructor(private readonly write: (items: readonly Item[]) => Promise<void>) {}

  /** Resolves when the item is committed; rejects with the database's error. */
  add(item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.writing) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) await this.writeGroup(this.waiting.splice(0, LARGEST_GROUP));
    this.writing = false;
  }

  private async writeGroup(group: readonly Waiting<Item>[]): Promise<void> {
    try {
      await this.write(group.map(({ item }) => item));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length === 1) return group[0]?.reject(error);
      for (const member of group) await this.writeGroup([member]);
    }
  }
}
