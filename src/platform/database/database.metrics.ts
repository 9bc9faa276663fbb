import { Counter } from 'prom-client';

export const transactionRetries = new Counter({
  name: 'plaza_transaction_retries_total',
  help: 'Transactions that were run again, by MySQL error number',
  labelNames: ['errno'] as const,
});
