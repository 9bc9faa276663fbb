import { Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { PaymentProvider } from './payment-provider.js';
import { ClientSecrets } from './sandbox/client-secrets.js';
import { OwnAddress } from './sandbox/own-address.js';
import { SandboxDesk } from './sandbox/sandbox-desk.js';
import { SandboxPaymentRepository } from './sandbox/sandbox-payment.repository.js';
import { SandboxPaymentsController } from './sandbox/sandbox-payments.controller.js';
import { SandboxPayments } from './sandbox/sandbox-payments.js';
import { SandboxWebhookRepository } from './sandbox/sandbox-webhook.repository.js';
import { SandboxWebhooks } from './sandbox/sandbox-webhooks.js';
import { WebhookDelivery } from './sandbox/webhook-delivery.js';
import { WebhookWorker } from './sandbox/webhook.worker.js';
import { StripePayments } from './stripe-payments.js';

/** Payments by cards, at Stripe or, with PAYMENTS=sandbox, at a page of ours. */
@Module({
  controllers: [SandboxPaymentsController],
  providers: [
    SandboxPayments, SandboxDesk, SandboxPaymentRepository, SandboxWebhooks, SandboxWebhookRepository, ClientSecrets, WebhookDelivery, WebhookWorker, OwnAddress,
    {
      provide: PaymentProvider,
      inject: [Config, SandboxPayments],
      useFactory: (config: Config, sandbox: SandboxPayments): PaymentProvider | Promise<PaymentProvider> => (config.PAYMENTS === 'stripe' ? StripePayments.connect(config) : sandbox),
    },
  ],
  exports: [PaymentProvider],
})
export class PaymentsModule {}
