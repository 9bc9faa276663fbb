export { CreditsModule } from './credits.module.js';
export { CreditsService } from './credits.service.js';
export type { AccountOwner, CreditBalance, HoldRequest, TransferReceipt } from './credits.rules.js';
export type { CreditEntry } from './entities/credit-entry.js';
export type { CreditHold } from './entities/credit-hold.js';
export type { CreditsChanged, CreditsLow } from './credits.events.js';
export { alreadyReversed, balanceLimit, belowHeld, holdClosed, insufficientCredits, refundExceeds, selfTransfer } from './credits.errors.js';
