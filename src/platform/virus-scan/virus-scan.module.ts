import { Global, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { ClamdScanner } from './clamd-scanner.js';
import { EicarScanner } from './eicar-scanner.js';
import { VirusScan } from './virus-scan.js';

/** Malware is looked for by clamd at CLAMD_URL; without it, only the EICAR test string is found. */
@Global()
@Module({
  providers: [
    {
      provide: VirusScan,
      inject: [Config],
      useFactory: ({ CLAMD_URL }: Config) => new VirusScan([new EicarScanner(), ...(CLAMD_URL === undefined ? [] : [new ClamdScanner(CLAMD_URL)])]),
    },
  ],
  exports: [VirusScan],
})
export class VirusScanModule {}
