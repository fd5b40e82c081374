export { Case } from './case';
export { Cases } from './caseList';
export { Receipt } from './receipt';
