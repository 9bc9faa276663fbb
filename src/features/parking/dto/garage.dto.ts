import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsDivisibleBy, IsIn, IsInt, IsNumber, IsObject, IsTimeZone, Matches, Max, Min, ValidateNested } from 'class-validator';
import { MayBeAbsent, TextLine } from '../../../platform/http/fields.js';
import { LONGEST_STAY_MINUTES, type BySize, type CancellationTier, type Garage, type TariffElement } from '../parking.types.js';
import { DEFAULT_TIERS } from '../pricing/refund.rules.js';
import { BySizeDto } from './availability.dto.js';
import { RateDto, TariffDto } from './tariff.dto.js';

const CURRENCIES = Intl.supportedValuesOf('currency');
const MOST_TIERS = 20;

export class CancellationTierDto implements CancellationTier {
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 576_000, example: 1_440, description: 'whoever cancels at least so many minutes before the start …' })
  @IsInt()
  @Min(0)
  @Max(576_000)
  minutesBefore: number;

  @ApiProperty({ type: 'integer', minimum: 0, maximum: 100, example: 100, description: '… gets so many percent back' })
  @IsInt()
  @Min(0)
  @Max(100)
  refundPercent: number;
}

/** What an operator may change at any time. */
export class GarageSettingsDto {
  @ApiProperty({ minLength: 1, maxLength: 200, example: 'Harbour garage' })
  @TextLine(1, 200)
  name: string;

  @ApiProperty({ minLength: 1, maxLength: 300, example: 'Am Kai 1, Berlin' })
  @TextLine(1, 300)
  address: string;

  @ApiProperty({ minLength: 1, maxLength: 20, example: '10115' })
  @TextLine(1, 20)
  zipcode: string;

  @ApiProperty({ minimum: -90, maximum: 90, example: 52.531 })
  @IsNumber()
  @Min(-90)
  @Max(90)
  lat: number;

  @ApiProperty({ minimum: -180, maximum: 180, example: 13.385 })
  @IsNumber()
  @Min(-180)
  @Max(180)
  lon: number;

  @ApiProperty({ type: 'integer', minimum: 5, maximum: 86_400, example: 600, description: 'for so long a spot is kept for who is to pay' })
  @IsInt()
  @Min(5)
  @Max(86_400)
  holdSeconds: number;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: 400, example: 90, description: 'so far ahead a stay may begin' })
  @IsInt()
  @Min(1)
  @Max(400)
  maxAdvanceDays: number;

  @ApiProperty({ type: 'integer', minimum: 15, maximum: LONGEST_STAY_MINUTES, example: 15, description: 'the shortest stay; a multiple of 15' })
  @IsInt()
  @Min(15)
  @Max(LONGEST_STAY_MINUTES)
  @IsDivisibleBy(15)
  minMinutes: number;

  @ApiProperty({ type: 'integer', minimum: 15, maximum: LONGEST_STAY_MINUTES, example: 20_160, description: 'the longest stay; a multiple of 15, and not less than minMinutes' })
  @IsInt()
  @Min(15)
  @Max(LONGEST_STAY_MINUTES)
  @IsDivisibleBy(15)
  maxMinutes: number;

  @ApiProperty({ type: 'integer', minimum: 0, maximum: 1_440, example: 10, description: 'so early one may come, and so late leave' })
  @IsInt()
  @Min(0)
  @Max(1_440)
  graceMinutes: number;

  @ApiProperty({ type: 'integer', minimum: 15, maximum: 10_080, example: 60, description: 'so long after the start a spot waits for who does not come' })
  @IsInt()
  @Min(15)
  @Max(10_080)
  noShowMinutes: number;

  @ApiProperty({ type: [CancellationTierDto], maxItems: MOST_TIERS, description: 'what comes back of what was paid; the more time is left, the more. After the last one, nothing' })
  @IsArray()
  @ArrayMaxSize(MOST_TIERS)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => CancellationTierDto)
  cancellation: CancellationTierDto[];
}

export class RatesDto {
  @ApiProperty({ type: RateDto })
  @IsObject()
  @ValidateNested()
  @Type(() => RateDto)
  compact: RateDto;

  @ApiProperty({ type: RateDto })
  @IsObject()
  @ValidateNested()
  @Type(() => RateDto)
  regular: RateDto;

  @ApiProperty({ type: RateDto })
  @IsObject()
  @ValidateNested()
  @Type(() => RateDto)
  large: RateDto;
}

/** `POST /api/garages` */
export class MakeGarageDto extends GarageSettingsDto {
  @ApiProperty({ example: 'Europe/Berlin', description: 'IANA time zone; it stays' })
  // A mere offset is one to the runtime, and no place.
  @Matches(/^[A-Za-z][\w+/-]{0,63}$/, { message: '$property must be the name of a time zone' })
  @IsTimeZone({ message: '$property must be an IANA time zone, such as Europe/Berlin' })
  timeZone: string;

  @ApiProperty({ example: 'EUR', description: 'ISO 4217; it stays' })
  @IsIn(CURRENCIES, { message: '$property must be an ISO 4217 code, such as EUR' })
  currency: string;

  @ApiPropertyOptional({ default: 600 })
  @MayBeAbsent()
  override holdSeconds: number = 600;

  @ApiPropertyOptional({ default: 90 })
  @MayBeAbsent()
  override maxAdvanceDays: number = 90;

  @ApiPropertyOptional({ default: 15 })
  @MayBeAbsent()
  override minMinutes: number = 15;

  @ApiPropertyOptional({ default: 20_160 })
  @MayBeAbsent()
  override maxMinutes: number = 20_160;

  @ApiPropertyOptional({ default: 10 })
  @MayBeAbsent()
  override graceMinutes: number = 10;

  @ApiPropertyOptional({ default: 60 })
  @MayBeAbsent()
  override noShowMinutes: number = 60;

  @ApiPropertyOptional({ type: [CancellationTierDto], default: DEFAULT_TIERS })
  @MayBeAbsent()
  // Of the class, as those that are sent become: nothing else is let through.
  override cancellation: CancellationTierDto[] = DEFAULT_TIERS.map((tier) => Object.assign(new CancellationTierDto(), tier));

  @ApiProperty({ type: RatesDto, description: 'prices by the size of the vehicle, at all times; the tariff can say more' })
  @IsObject()
  @ValidateNested()
  @Type(() => RatesDto)
  rates: RatesDto;
}

/** `PATCH /api/garages/:id`: what is left out stays as it is. */
export class EditGarageDto extends PartialType(GarageSettingsDto, { skipNullProperties: false }) {}

export class GarageDto extends GarageSettingsDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ example: 'Europe/Berlin' })
  timeZone: string;

  @ApiProperty({ example: 'EUR' })
  currency: string;

  @ApiProperty({ type: TariffDto })
  tariff: TariffDto;

  @ApiProperty({ type: BySizeDto, description: 'how many are in use' })
  spots: BySizeDto;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  static from({ tariffVersion, cancellation, createdAt, ...garage }: Garage, elements: readonly TariffElement[], counts: BySize): GarageDto {
    return { ...garage, cancellation: [...cancellation], tariff: TariffDto.from(tariffVersion, elements), spots: counts, createdAt: createdAt.toISOString() };
  }
}
