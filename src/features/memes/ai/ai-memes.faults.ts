import { faultPoints } from '../../../platform/config/fault-point.js';

/** The moments of an order at which a crash must cost the member nothing, or exactly what they got. */
export const faultPoint = faultPoints('memes.ai-held', 'memes.ai-written', 'memes.ai-stored');
