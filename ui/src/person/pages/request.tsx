export { Access } from './access';
export { Erasure, ErasureReview } from './erasure';
export { Rectification, RectificationReview } from './rectification';
