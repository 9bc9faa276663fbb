import { ApiProperty } from '@nestjs/swagger';

export class CalendarAddressDto {
  @ApiProperty({
    description: 'for a calendar to subscribe to. Whoever knows it sees your reservations; it is not shown again',
    example: 'https://plaza.example.org/api/me/reservations.ics?token=2Zk0bQv1V0c9mJt4m8S3s6r9Xw1y5uTnq7hE0fAaLpI',
  })
  url: string;

  static from(url: string): CalendarAddressDto {
    return { url };
  }
}
