export { Access } from './access';
export { Erasure, ErasureReview } from './erasure';
export { Rectification, RectificationReview } from './rectification';
export { HumanReview, Objection, Portability, Restriction, Withdrawal } from './rights';
