// Read markers: how far somebody has read, as a seq, and as how many messages up to there are no replies in threads.

/** @typedef {{read_seq?: number | null, read_main_seq?: number | null}} Marker */

/**
 * The one that is further ahead. Where only a seq is known, there were no replies yet.
 * @param {Marker | undefined} one
 * @param {Marker | undefined} other
 */
export function laterMarker(one, other) {
  const [first, second] = [one, other].map((marker) => {
    const read_seq = marker?.read_seq ?? 0;
    return { read_seq, read_main_seq: marker?.read_main_seq ?? read_seq };
  });
  if (first.read_seq !== second.read_seq) return first.read_seq > second.read_seq ? first : second;
  return first.read_main_seq > second.read_main_seq ? first : second;
}
