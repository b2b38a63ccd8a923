import type { Page } from '@m3/contracts';

/** What the API gives at most in one page. */
const largestPage = 200;

/** Entries of a list, page after page, up to `limit`. */
export async function allPages<Item>(
  limit: number,
  page: (query: { readonly limit: number; readonly cursor: string | undefined }) => Promise<Page<Item>>,
): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | null | undefined = undefined;
  while (cursor !== null && found.length < limit) {
    const next: Page<Item> = await page({ limit: Math.min(limit - found.length, largestPage), cursor });
    found.push(...next.items);
    cursor = next.next_cursor;
  }
  return found.slice(0, limit);
}
