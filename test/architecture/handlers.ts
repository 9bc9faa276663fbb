import 'reflect-metadata';
import { RequestMethod, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { GATEWAY_METADATA, MESSAGE_MAPPING_METADATA, MESSAGE_METADATA } from '@nestjs/websockets/constants.js';
import { PUBLIC, REQUIRED_PERMISSION } from '../../src/platform/auth/decorators.js';

type ModuleRef = Type | DynamicModule | Promise<DynamicModule> | { forwardRef: () => Type };

/** A method that the outside can call. */
export interface Handler {
  /** `Class.method`, for people. */
  readonly name: string;
  readonly kind: 'http' | 'socket';
  /** A permission, or `public`; undefined when it says nothing. */
  readonly guard: string | undefined;
  /** HTTP: `GET` and paths below the controllers' own prefix. Socket: the event as the only path. */
  readonly method: string;
  readonly paths: readonly string[];
  /** True when it is kept out of the OpenAPI document. */
  readonly undocumented: boolean;
}

/** Every handler of the controllers and gateways that can be reached from a module. */
export async function handlersOf(root: ModuleRef): Promise<Handler[]> {
  const classes = new Set<Type>();
  await collect(root, classes, new Set());
  return [...classes].flatMap((owner) => [...httpHandlers(owner), ...socketHandlers(owner)]);
}

async function collect(given: ModuleRef | undefined, classes: Set<Type>, seen: Set<unknown>): Promise<void> {
  const module = await given;
  if (module === undefined || seen.has(module)) return;
  seen.add(module);
  if ('forwardRef' in module) return collect(module.forwardRef(), classes, seen);
  const dynamic = 'module' in module ? module : undefined;
  const base = dynamic?.module ?? (module as Type);
  const listed = <Item>(key: 'imports' | 'controllers' | 'providers'): Item[] => [
    ...((Reflect.getMetadata(key, base) as Item[] | undefined) ?? []),
    ...((dynamic?.[key] as Item[] | undefined) ?? []),
  ];
  for (const controller of listed<Type>('controllers')) classes.add(controller);
  for (const provider of listed<Provider>('providers')) {
    const type = typeof provider === 'function' ? provider : 'useClass' in provider ? provider.useClass : undefined;
    if (type !== undefined && Reflect.hasMetadata(GATEWAY_METADATA, type)) classes.add(type);
  }
  for (const imported of listed<ModuleRef>('imports')) await collect(imported, classes, seen);
}

function httpHandlers(owner: Type): Handler[] {
  if (!Reflect.hasMetadata(PATH_METADATA, owner)) return [];
  return methodsOf(owner, PATH_METADATA).map(({ name, method }) => ({
    name: `${owner.name}.${name}`,
    kind: 'http',
    guard: guardOf(owner, method),
    method: RequestMethod[Reflect.getMetadata(METHOD_METADATA, method) as number]!,
    paths: asList(Reflect.getMetadata(PATH_METADATA, owner)).flatMap((prefix) => asList(Reflect.getMetadata(PATH_METADATA, method)).map((path) => joined(prefix, path))),
    undocumented: isExcluded(owner, 'swagger/apiExcludeController') || isExcluded(method, 'swagger/apiExcludeEndpoint'),
  }));
}

function socketHandlers(owner: Type): Handler[] {
  if (!Reflect.hasMetadata(GATEWAY_METADATA, owner)) return [];
  return methodsOf(owner, MESSAGE_MAPPING_METADATA).map(({ name, method }) => ({
    name: `${owner.name}.${name}`,
    kind: 'socket',
    guard: guardOf(owner, method),
    method: 'EVENT',
    paths: [String(Reflect.getMetadata(MESSAGE_METADATA, method))],
    undocumented: true,
  }));
}

function methodsOf(owner: Type, metadata: string): { name: string; method: object }[] {
  const found = new Map<string, object>();
  for (let prototype = owner.prototype as object; prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype) as object) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (name !== 'constructor' && typeof value === 'function' && !found.has(name) && Reflect.hasMetadata(metadata, value as object)) found.set(name, value as object);
    }
  }
  return [...found].map(([name, method]) => ({ name, method }));
}

/** As the guard reads it: the method's word, or else the class's. */
function guardOf(owner: Type, method: object): string | undefined {
  // As the guard reads it: the method before its class. Who is let in without signing in needs no permission.
  for (const place of [method, owner]) {
    if (Reflect.getMetadata(PUBLIC, place) === true) return 'public';
    const permission = Reflect.getMetadata(REQUIRED_PERMISSION, place) as string | undefined;
    if (permission !== undefined) return permission;
  }
  return undefined;
}

function isExcluded(target: object, key: string): boolean {
  // Swagger keeps `{disable}` for a method and `[disable]` for a class.
  const said = Reflect.getMetadata(key, target) as { disable: boolean } | [boolean] | undefined;
  return said !== undefined && (Array.isArray(said) ? said[0] : said.disable);
}

function asList(paths: unknown): string[] {
  return Array.isArray(paths) ? (paths as string[]) : [String(paths)];
}

function joined(...parts: string[]): string {
  return `/${parts.flatMap((part) => part.split('/')).filter((part) => part !== '').join('/')}`;
}
