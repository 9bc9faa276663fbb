/** What of a licence plate is compared: its letters and digits, upper case, in one way of writing each. */
export function normalisedLicense(license: string): string {
  return license.normalize('NFKC').toUpperCase().normalize('NFKC').replace(/[^\p{L}\p{N}]/gu, '');
}
