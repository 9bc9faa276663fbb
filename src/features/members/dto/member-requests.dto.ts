import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsEmail, IsIn, IsString, Matches } from 'class-validator';
import { ROLES, type Role } from '../../../platform/auth/permissions.js';
import { EmptyIsAbsent, MayBeAbsent, TextLength, TextLine } from '../../../platform/http/fields.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { normaliseEmail } from '../members.rules.js';

export class RegisterDto {
  @ApiProperty({ format: 'email', maxLength: 254, example: 'ada@example.org' })
  // Checked in the form in which it is kept: in lower case some addresses are longer.
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? normaliseEmail(value) : value))
  @IsEmail()
  // Between quotes IsEmail takes even a line break, which in a mail begins another header.
  @Matches(/^\P{Cc}*$/u, { message: '$property must not contain control characters' })
  @TextLength(3, 254)
  email: string;

  @ApiProperty({ minLength: 8, maxLength: 128, example: 'a quiet corner desk', description: '8 to 128 characters, none of the common passwords' })
  @IsString()
  password: string;

  @ApiProperty({ minLength: 1, maxLength: 80, example: 'Ada' })
  @TextLine(1, 80)
  displayName: string;
}

export class RenameDto {
  @ApiPropertyOptional({ minLength: 1, maxLength: 80, example: 'Ada L.' })
  @MayBeAbsent()
  @TextLine(1, 80)
  displayName?: string;
}

export class ChangePasswordDto {
  @ApiProperty({ example: 'a quiet corner desk' })
  @IsString()
  current: string;

  @ApiProperty({ minLength: 8, maxLength: 128, example: 'a sunny window desk' })
  @IsString()
  next: string;
}

export class MembersQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ maxLength: 80, example: 'ada', description: 'part of the name' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @TextLength(1, 80)
  query?: string;
}

export class ChangeRightsDto {
  @ApiPropertyOptional({ enum: ROLES, example: 'moderator' })
  @MayBeAbsent()
  @IsIn(ROLES)
  role?: Role;

  @ApiPropertyOptional({ example: false, description: 'true locks the member out and ends their sessions' })
  @MayBeAbsent()
  @IsBoolean()
  disabled?: boolean;
}
