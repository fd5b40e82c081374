export { Ask, Follow } from './ask';
export { Code } from './code';
export { ConfirmContact } from './confirm';
export { Ended, SignedOut } from './ended';
export { Verify } from './verify';
