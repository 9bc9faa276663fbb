import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { PermissionSet } from '../../platform/auth/permission-set.js';
import { Permission } from '../../platform/auth/permissions.js';
import type { Snapshot } from '../../platform/database/transactions.js';
import type { Dataset, DatasetColumn, DatasetFilter, DatasetRequest, Row } from '../../platform/datasets/dataset.js';
import { Datasets } from '../../platform/datasets/datasets.js';
import { keysetPages } from '../../platform/datasets/keyset-pages.js';
import { ReservationReportRepository, type ReportedReservation, type ReportScope } from './reservations/reservation-report.repository.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A member's own reservations, oldest first; to operators who ask for a garage, all of that garage. */
@Injectable()
export class ReservationsDataset implements Dataset, OnModuleInit {
  readonly name = 'reservations';
  readonly personal = true;

  readonly columns: readonly DatasetColumn[] = [
    { name: 'id', type: 'string' }, { name: 'garageId', type: 'string' }, { name: 'garage', type: 'string' }, { name: 'spot', type: 'string' },
    { name: 'memberId', type: 'string' }, { name: 'license', type: 'string' }, { name: 'country', type: 'string' },
    { name: 'startsAt', type: 'instant' }, { name: 'endsAt', type: 'instant' }, { name: 'status', type: 'string' },
    { name: 'priceMinor', type: 'integer' }, { name: 'currency', type: 'string' }, { name: 'paidMinor', type: 'integer' }, { name: 'refundedMinor', type: 'integer' },
    { name: 'checkedInAt', type: 'instant' }, { name: 'checkedOutAt', type: 'instant' }, { name: 'cancelledAt', type: 'instant' }, { name: 'createdAt', type: 'instant' },
  ];

  readonly filters: readonly DatasetFilter[] = [
    {
      name: 'garageId', type: 'string', description: 'only reservations in this garage; operators get those of all members then',
      faultOf: (value) => (UUID.test(value) ? undefined : 'must be the id of a garage'),
    },
  ];

  constructor(
    private readonly datasets: Datasets,
    private readonly reports: ReservationReportRepository,
  ) {}

  onModuleInit(): void {
    this.datasets.register(this);
  }

  mayRead(permissions: PermissionSet): boolean {
    return permissions.has(Permission.ParkingRead);
  }

  mayReadAllOf(request: Omit<DatasetRequest, 'memberId'>, permissions: PermissionSet): boolean {
    return !isOfAll(request) || permissions.has(Permission.ParkingOperate);
  }

  count(snapshot: Snapshot, request: DatasetRequest): Promise<number> {
    return this.reports.count(snapshot, scopeOf(request));
  }

  pages(snapshot: Snapshot, request: DatasetRequest, pageSize: number): AsyncIterable<readonly Row[]> {
    return keysetPages<ReportedReservation, string>({
      pageSize,
      list: (afterId) => this.reports.listAfter(snapshot, scopeOf(request), { afterId, limit: pageSize }),
      keyOf: ({ id }) => id,
      rowOf: (reservation) => ({ ...reservation }),
    });
  }
}

function isOfAll({ filters: { garageId }, permissions }: Omit<DatasetRequest, 'memberId'>): boolean {
  return typeof garageId === 'string' && permissions.has(Permission.ParkingOperate);
}

function scopeOf(request: DatasetRequest): ReportScope {
  const { garageId } = request.filters;
  return { ...(!isOfAll(request) && { memberId: request.memberId }), ...(typeof garageId === 'string' && { garageId: garageId.toLowerCase() }) };
}
