import { Module } from '@nestjs/common';
import { AccountRepository } from './account.repository.js';
import { AccountTouch } from './account-touch.service.js';
import { AccrualByHand } from './accrual-by-hand.service.js';
import { AccrualRepository } from './accrual.repository.js';
import { AccrualSweep } from './accrual-sweep.service.js';
import { CreditBalances } from './credit-balances.service.js';
import { CreditEntries } from './credit-entries.service.js';
import { CreditFlowRepository } from './credit-flow.repository.js';
import { CreditHistory } from './credit-history.service.js';
import { CreditHolds } from './credit-holds.service.js';
import { CreditMovements } from './credit-movements.service.js';
import { CreditReturns } from './credit-returns.service.js';
import { CreditTransfers } from './credit-transfers.service.js';
import { CreditsAdminController } from './credits-admin.controller.js';
import { CreditsController } from './credits.controller.js';
import { CreditsDataset } from './credits.dataset.js';
import { CreditsEvents } from './credits.events.js';
import { CreditsPolicy } from './credits.policy.js';
import { CreditsService } from './credits.service.js';
import { CreditsStatistics } from './credits.statistics.js';
import { CreditsTasks } from './credits.tasks.js';
import { HoldRepository } from './hold.repository.js';
import { ReconciliationRepository } from './reconciliation.repository.js';
import { Reconciliation } from './reconciliation.service.js';

/** Accounts of members and API tokens, what changes them, and their books. */
@Module({
  controllers: [CreditsController, CreditsAdminController],
  providers: [
    CreditsService, CreditBalances, CreditEntries, CreditMovements, CreditTransfers, CreditHolds, CreditReturns,
    CreditHistory, AccountTouch, AccrualSweep, AccrualByHand, Reconciliation, CreditsPolicy, CreditsEvents,
    AccountRepository, AccrualRepository, HoldRepository, ReconciliationRepository, CreditFlowRepository,
    CreditsDataset, CreditsStatistics, CreditsTasks,
  ],
  exports: [CreditsService],
})
export class CreditsModule {}
