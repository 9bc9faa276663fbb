import { Injectable, ValidationPipe, type PipeTransform, type ValidationError } from '@nestjs/common';
import { notFound, requestInvalid, type InvalidField } from '../errors/house.errors.js';

/** More help nobody, and the answer must not outgrow the question. */
export const FAULTS_SHOWN = 50;

/** Checks every body, query and socket payload against its DTO: unknown fields and wrong types are 400. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: false,
    exceptionFactory: (errors) => requestInvalid({ errors: fieldsOf(errors).slice(0, FAULTS_SHOWN) }),
  });
}

function fieldsOf(errors: readonly ValidationError[], parent = ''): InvalidField[] {
  return errors.flatMap((error) => {
    const path = parent === '' ? error.property : `${parent}.${error.property}`;
    const own = Object.values(error.constraints ?? {}).map((message) => ({ path, message }));
    return [...own, ...fieldsOf(error.children ?? [], path)];
  });
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The number of something from the path, from 1: what cannot be one is the number of nothing, so 404. */
@Injectable()
export class SeqPipe implements PipeTransform<number, number> {
  transform(value: number): number {
    // Already a number: the ValidationPipe, which comes first, makes one of a parameter of that type.
    if (!Number.isSafeInteger(value) || value < 1) throw notFound();
    return value;
  }
}

/** An id from the path: what cannot be an id is the id of nothing, so 404. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    const id = value.toLowerCase();
    if (!UUID.test(id)) throw notFound();
    return id;
  }
}
