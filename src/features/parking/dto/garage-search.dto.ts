import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, Max, Min, ValidateBy } from 'class-validator';
import { EmptyIsAbsent, MayBeAbsent, TextLine, WholeNumber } from '../../../platform/http/fields.js';
import { PageQueryDto, type Page } from '../../../platform/http/page.dto.js';
import { SORTS } from '../availability/garage-search.rules.js';
import type { GarageOffer } from '../availability/garage-search.service.js';
import type { Place } from '../availability/places.rules.js';
import { SIZES, type Size } from '../parking.types.js';
import { BySizeDto, WindowQueryDto } from './availability.dto.js';
import { GarageDto } from './garage.dto.js';

const DEGREES = /^[+-]?\d{1,3}(\.\d{1,20})?$/;

/** `latitude,longitude` in degrees, made a place. */
const IsPlace = () => {
  const isPlace = (value: unknown): boolean => typeof value === 'object' && value !== null && Math.abs((value as Place).lat) <= 90 && Math.abs((value as Place).lon) <= 180;
  return (target: object, property: string): void => {
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? (placeOf(value) ?? value) : value))(target, property);
    ValidateBy({
      name: 'isPlace',
      validator: { validate: isPlace, defaultMessage: () => '$property must be a latitude from -90 to 90 and a longitude from -180 to 180, such as 52.52,13.405' },
    })(target, property);
  };
};

function placeOf(text: string): Place | undefined {
  const parts = text.split(',').map((part) => part.trim());
  return parts.length === 2 && parts.every((part) => DEGREES.test(part)) ? { lat: Number(parts[0]), lon: Number(parts[1]) } : undefined;
}

/** `?from=&to=&size=` */
export class GarageQueryDto extends WindowQueryDto {
  @ApiPropertyOptional({ enum: SIZES, default: 'regular', description: 'of the vehicle, for the price' })
  @MayBeAbsent()
  @IsIn(SIZES)
  size?: Size;
}

/** `?near=&radiusM=&zip=&from=&to=&size=&sort=&limit=&cursor=` */
export class SearchGaragesQueryDto extends IntersectionType(PageQueryDto, GarageQueryDto) {
  @ApiPropertyOptional({ type: String, example: '52.52,13.405', description: 'latitude and longitude in degrees: garages within `radiusM` of it' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @IsPlace()
  near?: Place;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100_000, default: 5_000, description: 'metres around `near`' })
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(100_000)
  radiusM: number = 5_000;

  @ApiPropertyOptional({ maxLength: 20, description: 'how the zip code begins' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @TextLine(1, 20)
  zip?: string;

  @ApiPropertyOptional({ enum: SORTS, description: 'by `distance` with `near`, by name without it; `price` needs `from` and `to`, and weighs the first 500 of that order' })
  @MayBeAbsent()
  @IsIn(SORTS)
  sort?: (typeof SORTS)[number];
}

/** A garage, and what it has at the time that was asked about. */
export class GarageOfferDto extends GarageDto {
  @ApiPropertyOptional({ type: 'integer', example: 850, description: 'metres from `near`' })
  distanceM?: number;

  @ApiPropertyOptional({ type: BySizeDto, description: 'with `from` and `to`: spots of each size that you could have for all of that time' })
  free?: BySizeDto;

  @ApiPropertyOptional({ type: 'integer', example: 400, description: 'with `from` and `to`: the price in minor units of the currency' })
  priceMinor?: number;

  @ApiPropertyOptional({ type: 'integer', example: 4, description: 'with `from` and `to`: the price in credits' })
  credits?: number;

  static ofOffer({ garage, elements, spots, distanceM, free, price }: GarageOffer): GarageOfferDto {
    return {
      ...GarageDto.from(garage, elements, spots),
      ...(distanceM !== undefined && { distanceM }),
      ...(free && { free: { ...free } }),
      ...(price && { priceMinor: price.priceMinor, credits: price.credits }),
    };
  }
}

export class GarageOfferPageDto {
  @ApiProperty({ type: [GarageOfferDto] })
  items: GarageOfferDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<GarageOffer>): GarageOfferPageDto {
    return { items: items.map((offer) => GarageOfferDto.ofOffer(offer)), nextCursor };
  }
}
