/** Whose sessions they are while nobody but the internal key asks. */
export const serviceOwner = 'service'
