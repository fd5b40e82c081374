export { ChangeAddress, StopChange } from './address';
export { Case } from './case';
export { Cases } from './caseList';
export { Receipt } from './receipt';
