import { ApiProperty, PartialType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, Matches, ValidateBy } from 'class-validator';
import type { Page } from '../../../platform/http/page.dto.js';
import { TextLine } from '../../../platform/http/fields.js';
import { SIZES, type Size, type Vehicle } from '../parking.types.js';

const COUNTRIES = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
const isCountry = (code: unknown): boolean => typeof code === 'string' && /^[A-Z]{2}$/.test(code) && code !== 'ZZ' && COUNTRIES.of(code) !== undefined;

/** `POST /api/vehicles` */
export class AddVehicleDto {
  @ApiProperty({ minLength: 1, maxLength: 20, example: 'B-PZ 2026', description: 'the licence plate as you write it: with a letter or digit, which alone are compared' })
  @TextLine(1, 20)
  @Matches(/[\p{L}\p{N}]/u, { message: '$property must have a letter or digit' })
  license: string;

  @ApiProperty({ example: 'DE', description: 'where it is registered: ISO 3166-1 alpha-2' })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toUpperCase() : value))
  @ValidateBy({ name: 'isCountry', validator: { validate: isCountry, defaultMessage: () => '$property must be the code of a country, such as DE' } })
  country: string;

  @ApiProperty({ enum: SIZES, example: 'regular', description: 'the smallest spot that it fits into' })
  @IsIn(SIZES)
  size: Size;
}

/** `PATCH /api/vehicles/:id`: what is left out stays as it is. */
export class EditVehicleDto extends PartialType(AddVehicleDto, { skipNullProperties: false }) {}

export class VehicleDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ example: 'B-PZ 2026' })
  license: string;

  @ApiProperty({ example: 'DE' })
  country: string;

  @ApiProperty({ enum: SIZES, example: 'regular' })
  size: Size;

  static from({ id, license, country, size }: Vehicle): VehicleDto {
    return { id, license, country, size };
  }
}

export class VehiclePageDto {
  @ApiProperty({ type: [VehicleDto] })
  items: VehicleDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<Vehicle>): VehiclePageDto {
    return { items: items.map((vehicle) => VehicleDto.from(vehicle)), nextCursor };
  }
}
