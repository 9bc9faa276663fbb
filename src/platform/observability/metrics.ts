import { collectDefaultMetrics, Histogram, register } from 'prom-client';

// Once per process, however many applications a test makes in it.
if (register.getSingleMetric('process_cpu_user_seconds_total') === undefined) collectDefaultMetrics();

/** Rate, errors and duration per route. Routes are patterns, never paths with ids in them. */
export const httpDuration = new Histogram({
  name: 'plaza_http_request_duration_seconds',
  help: 'Time from request to answer, by method, route pattern and status',
  labelNames: ['method', 'route', 'status'] as const,
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
});

export const metrics = register;
