import { defineError } from '../../platform/errors/domain-error.js';

export const emailTaken = defineError('member.email-taken', 'conflict', 'There is a member with this address already. Sign in, or use another address.');
export const passwordWeak = defineError('member.password-weak', 'unprocessable', 'Choose a password of 8 to 128 characters that is not among the most common ones.');
export const passwordWrong = defineError('member.password-wrong', 'forbidden', 'The current password is not right.');
export const ownAccount = defineError('member.own-account', 'conflict', 'Another admin must do this: nobody changes their own role or locks themselves out.');
export const credentialsInvalid = defineError('session.invalid-credentials', 'unauthenticated', 'Address and password do not belong together.');
export const refreshInvalid = defineError('session.refresh-invalid', 'unauthenticated', 'This refresh token is not valid any more. Sign in again.');
