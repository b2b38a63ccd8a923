import { type FindingCode } from './finding-rules.js';
import { type ArtifactRef, type Finding, finding } from './findings.js';

/** Where in a plan: the node by its index, and the place inside it. */
export interface PlanPlace {
  readonly index: number;
  readonly id?: string | null;
  /** A JSON pointer inside the node. */
  readonly inside?: string;
}

/** A broken plan of 10,000 nodes would be reported 10,000 times; so many findings are told, the rest are counted. */
const maximumFindings = 200;

/** Collects the findings about one plan. */
export class PlanReport {
  private readonly found: Finding[] = [];
  private untold = 0;

  constructor(readonly artifact: ArtifactRef) {}

  add(code: FindingCode, message: string, place?: PlanPlace): void {
    if (this.found.length >= maximumFindings) {
      this.untold++;
      return;
    }
    const path = place ? `/nodes/${place.index}${place.inside ?? ''}` : '';
    this.found.push(finding(code, { artifact: this.artifact, node: place?.id ?? undefined, path }, message));
  }

  findings(): Finding[] {
    if (this.untold === 0) return this.found;
    const more = finding(
      'plan.more_findings',
      { artifact: this.artifact, path: '' },
      `${this.untold} more findings are not shown.`,
    );
    return [...this.found, more];
  }
}
