import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';

export class ConfirmEmailVerificationDto {
  @ApiProperty({ maxLength: 300, example: `019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01.1795348800.3f2a9c1e.${'0'.repeat(64)}`, description: 'from the mail' })
  @IsString()
  @MaxLength(300)
  token: string;
}
