import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { buildMessage, IsDate, Matches, ValidateBy, ValidateIf } from 'class-validator';
import { instantOf } from '../clock/calendar.js';

/** A time as RFC 3339 with an offset, made a Date. */
export const IsInstant = () =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? (instantOf(value) ?? value) : value)),
    IsDate({ message: '$property must be an RFC 3339 time with an offset, in the years 1 to 9999' }),
  );

/**
 * A field that may be left out. Unlike class-validator's `IsOptional`, null is not "left out": it is
 * checked like any other value, and so refused, before a column that holds no null can meet it.
 */
export const MayBeAbsent = () => ValidateIf((_, value) => value !== undefined);

/** Left out and null are the same. */
export const MayBeNothing = () => ValidateIf((_, value) => value !== undefined && value !== null);

/** An id, or a list of ids, in lower case as they are kept. */
export const LowerCased = () =>
  Transform(({ value }: { value: unknown }) => {
    const lowerCased = (id: unknown) => (typeof id === 'string' ? id.toLowerCase() : id);
    return Array.isArray(value) ? value.map(lowerCased) : lowerCased(value);
  });

/**
 * A text of `min` to `max` characters as the database counts them, by code points. class-validator's
 * `Length` takes a character and its variation selector for one, and lets through what no column holds.
 */
export const TextLength = (min: number, max: number) =>
  ValidateBy({
    name: 'textLength',
    constraints: [min, max],
    validator: {
      validate: (value: unknown) => typeof value === 'string' && [...value].length >= min && [...value].length <= max,
      defaultMessage: buildMessage((each) => `${each}$property must be a text of $constraint1 to $constraint2 characters`),
    },
  });

/** A text on one line, such as a name, without the space around it: control characters would break lists and logs that show it. */
export const TextLine = (min: number, max: number) =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value)),
    Matches(/^\P{Cc}*$/u, { message: '$property must not contain control characters' }),
    TextLength(min, max),
  );

/** Lines of text: without control characters that are none of a text, and without halves of surrogate pairs, which no column holds. */
export const TextLines = (min: number, max: number) =>
  applyDecorators(
    Matches(/^(?:[^\p{Cc}\p{Cs}]|[\t\r\n])*$/u, { message: '$property must not contain control characters besides tabs and line breaks, nor halves of characters' }),
    TextLength(min, max),
  );

/** A query parameter in digits, made a number; anything else stays as it is for `IsInt` to refuse. `Number` alone takes 1e3 and 0x5. */
export const WholeNumber = () => Transform(({ value }: { value: unknown }) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value));

/** `?query=` is what a form sends for a field left empty. */
export const EmptyIsAbsent = () => Transform(({ value }: { value: unknown }) => (value === '' ? undefined : value));

/** A list of at most `most` different texts. class-validator's `ArrayUnique` compares each with each. */
export const DistinctTexts = (most: number) =>
  ValidateBy({
    name: 'distinctTexts',
    constraints: [most],
    validator: {
      validate: (value: unknown) => Array.isArray(value) && value.length <= most && value.every((item) => typeof item === 'string') && new Set(value).size === value.length,
      defaultMessage: buildMessage((each) => `${each}$property must be at most $constraint1 different texts`),
    },
  });
