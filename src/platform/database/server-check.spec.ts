import { describe, expect, it } from '@jest/globals';
import { unfitVersion } from './server-check.js';

describe('unfitVersion', () => {
  it.each(['8.0.36', '8.4.2', '9.7.0-debian', '10.6.18-MariaDB', '10.11.19-MariaDB-0+deb12u1', '11.4.2-MariaDB-ubu2404', '5.5.5-10.11.6-MariaDB', '8.0.11-TiDB-v7.5.1'])(
    'accepts %s',
    (version) => expect(unfitVersion(version)).toBeUndefined(),
  );

  it.each([
    ['5.7.44', 'MySQL 8.0'],
    ['10.5.23-MariaDB', 'MariaDB 10.6'],
    ['5.5.5-10.3.39-MariaDB', 'MariaDB 10.6'],
    ['9.9.9-MariaDB', 'MariaDB 10.6'],
  ])('refuses %s and names %s', (version, least) => expect(unfitVersion(version)).toContain(least));
});
