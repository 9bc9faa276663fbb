import { Global, Module } from '@nestjs/common';
import { Config, loadConfig } from './config.js';
import { armFault } from './fault-point.js';
import { SecretKeys } from './secret-keys.js';

@Global()
@Module({
  providers: [
    {
      provide: Config,
      useFactory: () => {
        const config = loadConfig();
        armFault(config.PLAZA_FAULT);
        return config;
      },
    },
    SecretKeys,
  ],
  exports: [Config, SecretKeys],
})
export class ConfigModule {}
