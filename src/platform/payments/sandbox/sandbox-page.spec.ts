import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sandboxPage } from './sandbox-page.js';
import type { SandboxPaymentRecord } from './sandbox.types.js';

const PAYMENT: SandboxPaymentRecord = { intentId: 'i', paymentId: 'p', amountMinor: 1_250, currency: 'EUR', description: 'Parking at the docks', status: 'open' };
const tagsOf = (page: string) => [...page.matchAll(/<\/?[a-z!][^>]*>/gi)].map(([tag]) => tag);

describe('the page of the sandbox', () => {
  it('says what is to be paid', () => {
    const page = sandboxPage(PAYMENT);
    for (const text of ['<h1>€12.50</h1>', 'Parking at the docks', 'Not paid yet', 'value="pay"', 'value="decline"', 'name="copies" min="1" max="5" value="2"', 'name="delaySeconds" min="0" max="3600" value="0"', '<html lang="en">']) {
      expect(page).toContain(text);
    }
  });

  it.each([['open', true], ['declined', true], ['paid', false], ['cancelled', false]] as const)('has buttons when it is %s: %s', (status, has) => {
    expect(sandboxPage({ ...PAYMENT, status }).includes('<button')).toBe(has);
  });

  it('escapes whatever the description is', () => {
    expect(sandboxPage({ ...PAYMENT, description: `</p><script>alert("1")</script>&'` })).toContain('<p>&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;</p>');
    const tags = tagsOf(sandboxPage(PAYMENT));
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '/', 'script', ' ', '$&', '\n', 'é') }), (description) => {
      expect(tagsOf(sandboxPage({ ...PAYMENT, description }))).toEqual(tags);
    }));
  });

  it('runs nothing and loads nothing', () => {
    expect(sandboxPage(PAYMENT)).not.toMatch(/<script|\son\w+=|src=|href=|url\(/i);
  });
});
