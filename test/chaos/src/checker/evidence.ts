/**
 * What is known of a run when it is over. It was read from outside of the product: the log by SQL, the read models
 * through the API, the targets' databases directly; nothing here comes from the product's own code.
 */

/** An event as the log holds it, in the log's own order. */
export interface LoggedEvent {
  /** Null: it was never given its place in the order. */
  readonly seq: number | null;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly recordedAt: string;
}

/** A publish as the API shows it. */
export interface ShownPublish {
  readonly publish_id: string;
  readonly target_id: string;
  readonly version: string;
  readonly status: string;
}

/** A target as the API shows it. */
export interface ShownTarget {
  readonly target_id: string;
  readonly name: string;
  readonly active: string | null;
}

export interface HeldArtifact {
  readonly kind: string;
  readonly name: string;
  readonly version: string;
  /** Whether its contents name its version, as everything does that is published here. */
  readonly own: boolean;
}

/** What a target's database holds at one moment. */
export interface TargetContents {
  readonly active: string | null;
  readonly releases: readonly string[];
  readonly routes: readonly { readonly version: string; readonly weight: number }[];
  readonly artifacts: readonly HeldArtifact[];
}

/** What a look at a target saw that must not be, and what was active then. */
export interface Sighting {
  readonly target: string;
  readonly at: string;
  readonly active: string | null;
  /** Versions that got executions then. */
  readonly served: readonly string[];
  /** Empty: it was whole. Only looks that saw something new are kept. */
  readonly wrong: readonly string[];
}

/** What the product has promised to somebody. */
export type Acknowledgement =
  | { readonly command: 'tag'; readonly version: string }
  | { readonly command: 'publish'; readonly publish_id: string; readonly version: string }
  | { readonly command: 'rollback'; readonly publish_id: string }
  | { readonly command: 'retry'; readonly publish_id: string; readonly retry_of: string }
  | { readonly command: 'cancel'; readonly publish_id: string }
  | { readonly command: 'vote'; readonly approval_id: string; readonly by: string; readonly decision: string };

export interface ArtifactRef {
  readonly kind: string;
  readonly name: string;
}

export interface Evidence {
  readonly events: readonly LoggedEvent[];
  readonly publishes: readonly ShownPublish[];
  readonly targets: readonly ShownTarget[];
  /** By name of the target, when everything was at rest. */
  readonly contents: ReadonlyMap<string, TargetContents>;
  readonly sightings: readonly Sighting[];
  readonly acknowledged: readonly Acknowledgement[];
  /** Locks and transactions that are held at rest though nothing is under way. */
  readonly leftovers: readonly string[];
  /** What each version brings. */
  readonly artifactsOf: (version: string) => readonly ArtifactRef[];
}

/** Something that must not be. */
export interface Violation {
  readonly rule: string;
  /** The publish that it is about, when it is about one. */
  readonly publish_id?: string;
  readonly text: string;
}
