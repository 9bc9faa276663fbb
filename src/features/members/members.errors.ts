import { defineError } from '../../platform/errors/domain-error.js';

export const emailTaken = defineError('member.email-taken', 'conflict', 'There is a member with this address already. Sign in, or use another address.');
export const passwordWeak = defineError('member.password-weak', 'unprocessable', 'Choose a password of 8 to 128 characters that is not among the most common ones.');
export const passwordWrong = defineError('member.password-wrong', 'forbidden', 'The current password is not right.');
export const ownAccount = defineError('member.own-account', 'conflict', 'Another admin must do this: nobody changes their own role or locks themselves out.');
export const apiTokenLimit = defineError('api-token.limit', 'conflict', 'A member has at most 100 API tokens. Revoke one that is not needed any more.');
export const permissionNotGrantable = defineError('member.permission-not-grantable', 'unprocessable', 'There is no such permission, or it comes with a role only.');
export const credentialsInvalid = defineError('session.invalid-credentials', 'unauthenticated', 'Address and password do not belong together.');
export const passwordResetInvalid = defineError('password-reset.invalid', 'unprocessable', 'This token is not valid: it is unknown, expired or used. Ask for a new mail.');
export const emailVerificationInvalid = defineError('email-verification.invalid', 'unprocessable', 'This token is not valid or has expired. Ask for a new mail.');
export const refreshInvalid = defineError('session.refresh-invalid', 'unauthenticated', 'This refresh token is not valid any more. Sign in again.');
export const returnUrlNotAllowed = defineError('oidc.return-url-not-allowed', 'unprocessable', 'Signing in elsewhere cannot return to this address: its operator has not listed it.');
export const providerUnavailable = defineError('oidc.provider-unavailable', 'unavailable', 'This way to sign in does not answer right now. Try again shortly, or sign in another way.');
export const providerRefused = defineError('oidc.provider-refused', 'forbidden', 'The sign-in was given up or refused there. Try again, or sign in another way.');
export const providerAnswerInvalid = defineError('oidc.answer-invalid', 'forbidden', 'What came back from there proves nothing. Begin the sign-in again.');
export const stateInvalid = defineError('oidc.state-invalid', 'forbidden', 'This browser has not begun this sign-in, or too long ago. Begin again.');
export const signInCodeInvalid = defineError('oidc.code-invalid', 'unauthenticated', 'This code is unknown, was used or has run out. Begin the sign-in again.');
export const emailUnverified = defineError('identity.email-unverified', 'forbidden', 'Confirm your address where you sign in first: nobody there vouches yet that it is yours.');
export const linkRequired = defineError<{ linkToken: string }>(
  'identity.link-required', 'conflict', 'There is a member with this address already: send the linkToken with its password to POST /api/identities within 10 minutes.',
);
export const linkTokenInvalid = defineError('identity.link-token-invalid', 'unauthenticated', 'This linkToken is unknown, was used or has run out. Begin the sign-in again.');
export const identityLinked = defineError('identity.already-linked', 'conflict', 'This way to sign in belongs to a member already. Sign in with it.');
