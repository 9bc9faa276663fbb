import { Module } from '@nestjs/common';
import { PaymentsModule } from '../../platform/payments/payments.module.js';
import { CreditsModule } from '../credits/index.js';
import { Alternatives } from './availability/alternatives.service.js';
import { Availability } from './availability/availability.service.js';
import { FreeTime } from './availability/free-time.service.js';
import { GarageSearchController } from './availability/garage-search.controller.js';
import { GarageSearch } from './availability/garage-search.service.js';
import { OccupancyRepository } from './availability/occupancy.repository.js';
import { OccupancyReports } from './availability/occupancy.service.js';
import { CalendarFeed } from './calendar/calendar-feed.service.js';
import { CalendarTokenRepository } from './calendar/calendar-token.repository.js';
import { CalendarTokens } from './calendar/calendar-tokens.service.js';
import { CalendarController } from './calendar/calendar.controller.js';
import { BlackoutRepository } from './garages/blackout.repository.js';
import { BlackoutsController } from './garages/blackouts.controller.js';
import { Blackouts } from './garages/blackouts.service.js';
import { GarageDesk } from './garages/garage-desk.service.js';
import { GarageRepository } from './garages/garage.repository.js';
import { GaragesController } from './garages/garages.controller.js';
import { Garages } from './garages/garages.service.js';
import { Reallocation } from './garages/reallocation.service.js';
import { SpotRepository } from './garages/spot.repository.js';
import { SpotsController } from './garages/spots.controller.js';
import { Spots } from './garages/spots.service.js';
import { DayGuardRepository } from './guard/day-guard.repository.js';
import { DaySweep } from './guard/day-sweep.service.js';
import { SpotTaking } from './guard/spot-taking.service.js';
import { ReservationEvents } from './parking.events.js';
import { ParkingTasks } from './parking.tasks.js';
import { PassSigning } from './passes/pass-signing.service.js';
import { PassesController } from './passes/passes.controller.js';
import { Passes } from './passes/passes.service.js';
import { LatePayments } from './payments/late-payments.service.js';
import { OpenPayments } from './payments/open-payments.service.js';
import { PaymentNotices } from './payments/payment-notices.service.js';
import { PaymentRepository } from './payments/payment.repository.js';
import { PaymentsController } from './payments/payments.controller.js';
import { Payments } from './payments/payments.service.js';
import { RefundDelivery } from './payments/refund-delivery.service.js';
import { RefundRepository } from './payments/refund.repository.js';
import { Refunds } from './payments/refunds.service.js';
import { RefundsWorker } from './payments/refunds.worker.js';
import { Settlement } from './payments/settlement.service.js';
import { ParkingStatistics } from './parking.statistics.js';
import { Prices } from './pricing/prices.service.js';
import { QuoteTokens } from './pricing/quote-tokens.service.js';
import { QuotesController } from './pricing/quotes.controller.js';
import { Quotes } from './pricing/quotes.service.js';
import { TariffRepository } from './pricing/tariff.repository.js';
import { Booking } from './reservations/booking.service.js';
import { Cancellations } from './reservations/cancellation.service.js';
import { Extensions } from './reservations/extensions.service.js';
import { FullProof } from './reservations/full-proof.service.js';
import { Holds } from './reservations/holds.service.js';
import { Lapses } from './reservations/lapses.service.js';
import { ReservationReportRepository } from './reservations/reservation-report.repository.js';
import { ReservationRepository } from './reservations/reservation.repository.js';
import { ReservationsController } from './reservations/reservations.controller.js';
import { Reservations } from './reservations/reservations.service.js';
import { SpotRelease } from './reservations/spot-release.service.js';
import { StaysController } from './reservations/stays.controller.js';
import { Stays } from './reservations/stays.service.js';
import { ReservationsDataset } from './reservations.dataset.js';
import { VehicleRepository } from './vehicles/vehicle.repository.js';
import { VehiclesController } from './vehicles/vehicles.controller.js';
import { Vehicles } from './vehicles/vehicles.service.js';
import { WaitlistOffers } from './waitlist/waitlist-offers.service.js';
import { WaitlistSweep } from './waitlist/waitlist-sweep.service.js';
import { WaitlistController } from './waitlist/waitlist.controller.js';
import { WaitlistRepository } from './waitlist/waitlist.repository.js';
import { Waitlist } from './waitlist/waitlist.service.js';

@Module({
  imports: [CreditsModule, PaymentsModule],
  controllers: [
    GaragesController, SpotsController, BlackoutsController, VehiclesController,
    ReservationsController, GarageSearchController, QuotesController, StaysController, PaymentsController, WaitlistController, PassesController, CalendarController,
  ],
  providers: [
    DayGuardRepository, SpotTaking, DaySweep, ParkingTasks, ParkingStatistics, ReservationsDataset, ReservationReportRepository,
    GarageRepository, SpotRepository, BlackoutRepository, VehicleRepository, Garages, GarageDesk, Spots, Blackouts, Reallocation, Vehicles,
    TariffRepository, Prices, Quotes, QuoteTokens,
    OccupancyRepository, FreeTime, GarageSearch, Availability, OccupancyReports, Alternatives,
    ReservationRepository, Reservations, Booking, FullProof, Holds, Lapses, SpotRelease, Cancellations, Extensions, Stays, ReservationEvents,
    Payments, OpenPayments, PaymentRepository, PaymentNotices, Settlement, LatePayments, Refunds, RefundRepository, RefundDelivery, RefundsWorker,
    Waitlist, WaitlistRepository, WaitlistOffers, WaitlistSweep,
    Passes, PassSigning, CalendarFeed, CalendarTokens, CalendarTokenRepository,
  ],
})
export class ParkingModule {}
