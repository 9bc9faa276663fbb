import { ApiProperty } from '@nestjs/swagger';

/** What is known of a mail that is on its way, if there is one: the answer does not tell. */
export class AccountMailDto {
  @ApiProperty({ type: 'integer', example: 30, description: 'how long its token can be used' })
  validMinutes: number;

  static from(validMinutes: number): AccountMailDto {
    return Object.assign(new AccountMailDto(), { validMinutes });
  }
}
