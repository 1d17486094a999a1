/** Sizes that hold at every door. On its own, so that the command line knows them without loading schemas. */

/** A body of at most 16 MiB is taken. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024
