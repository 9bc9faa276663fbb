import { ApiProperty } from '@nestjs/swagger';

/** The books as they were found; `ReconciliationReport` of the service has this shape. */
interface Report {
  readonly checkedAt: Date;
  readonly violations: readonly ViolationDto[];
}

/** One contradiction in the books. */
export class ViolationDto {
  @ApiProperty({
    enum: ['I1', 'I2', 'I3', 'I4', 'I5'], example: 'I2',
    description: 'I1 balance = sum of entries = last balance; I2 held = sum of open holds; I3 entry numbers without gaps; '
      + 'I4 0 ≤ held ≤ posted; I5 issued = spent − refunded + adjusted out + posted',
  })
  invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5';

  @ApiProperty({
    type: String, format: 'uuid', nullable: true, example: '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01',
    description: 'null for I5, which is about all accounts of a unit',
  })
  accountId: string | null;

  @ApiProperty({ enum: ['credit', 'call'], example: 'credit' })
  unit: 'credit' | 'call';

  @ApiProperty({ type: 'integer', example: 1 })
  expected: number;

  @ApiProperty({ type: 'integer', example: 2 })
  actual: number;
}

/** The books held against their invariants. */
export class ReconciliationDto {
  @ApiProperty({ format: 'date-time', example: '2026-11-22T09:30:00.000Z', description: 'when the snapshot was taken' })
  checkedAt: string;

  @ApiProperty({ type: [ViolationDto], example: [], description: 'empty when the books are right' })
  violations: ViolationDto[];

  static from({ checkedAt, violations }: Report): ReconciliationDto {
    return Object.assign(new ReconciliationDto(), { checkedAt: checkedAt.toISOString(), violations: [...violations] });
  }
}
