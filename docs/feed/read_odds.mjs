// Reads odds.json and the files beside it, and refuses what is stale. For browsers and Node 18 or later; no
// dependencies; copy it.
//
//   import { prices, readOdds, StaleFeed } from "./read_odds.mjs";
//   const document = await readOdds("https://<project>.supabase.co/storage/v1/object/public/odds/odds.json");
//   for (const { home, away, selection, bookmaker, price, last_seen } of prices(document)) { ... }

/** The versions this reader understands, by the field that holds what a file lists. */
export const VERSIONS = { matches: 3, surebets: 1, duplo_greens: 1, values: 1, missed: 1, files: 1 };

/** By so much this machine's clock may be ahead or behind. A document from further in the future is refused. */
export const CLOCK_TOLERANCE_MS = 10_000;

/** The feed must not be used; the message says why. */
export class FeedError extends Error {}

/** The document is past its validity: nobody refreshes it any more, and its prices may be gone. */
export class StaleFeed extends FeedError {}

/**
 * Fetch and check a document; use it only until its `valid_until`.
 * @param {string} address
 * @param {object} [options]
 * @param {boolean} [options.simulated] whether invented odds are welcome. Nobody can bet on them.
 * @param {number} [options.newerThan] the sequence of the last document read; an older one is refused.
 * @param {number} [options.now] milliseconds since the epoch; this machine's clock by default.
 * @param {number} [options.timeoutMs]
 * @returns {Promise<object>} the document; rejects with FeedError, or with what fetch rejects with.
 */
export async function readOdds(address, { simulated = false, newerThan = 0, now, timeoutMs = 10_000 } = {}) {
  const answer = await fetch(address, { cache: "no-cache", signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok) throw new FeedError(`${address} answered ${answer.status}`);
  let document;
  try {
    document = await answer.json();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new FeedError(`${address} is not JSON: ${error.message}`);
  }
  check(document, { simulated, newerThan, now });
  return document;
}

/** Throw FeedError unless a document may be used now; options as for `readOdds`. */
export function check(document, { simulated = false, newerThan = 0, now = Date.now() } = {}) {
  const begin = time(document?.generated_at);
  const end = time(document?.valid_until);
  const known = Number.isInteger(document?.sequence) && typeof document?.simulated === "boolean";
  if (!known || Number.isNaN(begin) || Number.isNaN(end)) throw new FeedError("not a document of the feed");
  const expected = VERSIONS[Object.keys(VERSIONS).find((listed) => listed in document)];
  if (document.version !== expected) {
    throw new FeedError(`version ${document.version}; this reader understands ${expected}`);
  }
  if (now > end) {
    throw new StaleFeed(`valid until ${document.valid_until}, ${Math.round((now - end) / 1000)} s ago`);
  }
  if (begin - now > CLOCK_TOLERANCE_MS) {
    throw new FeedError(`generated at ${document.generated_at}, in the future; is this machine's clock right?`);
  }
  if (document.sequence < newerThan) throw new StaleFeed(`sequence ${document.sequence}, older than ${newerThan}`);
  if (document.simulated && !simulated) throw new FeedError("simulated odds; nobody can bet on them");
}

/**
 * Every price of a document with matches as one flat row: what it is for, whose, both its clocks and its link.
 * side: "back" or "lay"; available and commission: null where the document says nothing; url: "" where none is known.
 */
export function* prices(document) {
  for (const { links, markets, ...match } of document.matches) {
    for (const { selections, ...market } of markets) {
      for (const { selection, prices: back, lay = [] } of selections) {
        for (const [side, listed] of [["back", back], ["lay", lay]]) {
          for (const { scope, url, ...price } of listed) {
            yield {
              ...match,
              ...market,
              selection,
              side,
              ...price,
              last_seen: document.last_seen[scope],
              url: url ?? links[price.bookmaker] ?? "",
              available: price.available ?? null,
              commission: price.commission ?? null,
            };
          }
        }
      }
    }
  }
}

// Without a time zone a time would be read as local.
function time(text) {
  return typeof text === "string" && /(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
}
