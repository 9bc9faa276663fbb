export { StatisticsModule } from './statistics.module.js';
export { unknownMetric } from './statistics.errors.js';
