import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';

export class ConfirmEmailVerificationDto {
  @ApiProperty({ maxLength: 300, description: 'from the mail' })
  @IsString()
  @MaxLength(300)
  token: string;
}
