import { ApiProperty, PickType } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { RegisterDto } from './member-requests.dto.js';

export class RequestPasswordResetDto extends PickType(RegisterDto, ['email']) {}

export class ConfirmPasswordResetDto extends PickType(RegisterDto, ['password']) {
  @ApiProperty({ maxLength: 200, description: 'from the mail' })
  @IsString()
  @MaxLength(200)
  token: string;
}
