import { ApiProperty, PickType } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { RegisterDto } from './member-requests.dto.js';

export class RequestPasswordResetDto extends PickType(RegisterDto, ['email']) {}

export class ConfirmPasswordResetDto extends PickType(RegisterDto, ['password']) {
  @ApiProperty({ maxLength: 200, example: 'Xr5_5mQzQ0rMZ1sCw0D8X8a5m1x6kqk3J3y9y1z7c2E', description: 'from the mail' })
  @IsString()
  @MaxLength(200)
  token: string;
}
