/** @typedef {{read_seq?: number | null, read_main_seq?: number | null}} Marker */
/**
 * The one that is further ahead. Where only a seq is known, there were no replies yet.
 * @param {Marker | undefined} one
 * @param {Marker | undefined} other
 */
export function laterMarker(one: Marker | undefined, other: Marker | undefined): {
    read_seq: number;
    read_main_seq: number;
};
export type Marker = {
    read_seq?: number | null;
    read_main_seq?: number | null;
};
