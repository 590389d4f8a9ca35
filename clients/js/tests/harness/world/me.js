/** The person whose client it is. */
export const ME_ID = 1;
