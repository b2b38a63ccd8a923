import { LRUCache } from 'lru-cache';

/**
 * Answers that serve everybody who asks for the same within a short time, as the many publishes of one tag do. A question
 * that failed fails for those who waited with it, and is asked anew by the next.
 */
export class Recent<Answer> {
  private readonly answers: LRUCache<string, Promise<Answer>>;

  constructor(freshMs: number) {
    this.answers = new LRUCache({ max: 1_000, ttl: freshMs });
  }

  get(question: string, ask: () => Promise<Answer>): Promise<Answer> {
    const known = this.answers.get(question);
    if (known) return known;
    const answer = ask();
    this.answers.set(question, answer);
    answer.catch(() => this.forget(question));
    return answer;
  }

  forget(question: string): void {
    this.answers.delete(question);
  }
}
