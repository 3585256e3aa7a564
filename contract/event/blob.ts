import { z } from 'zod';

/** Bytes kept sealed beside the log. */
export const BlobId = z.string().regex(/^blob_[0-9a-hjkmnp-tv-z]{26}$/);
