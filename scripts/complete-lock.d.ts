interface LockEntry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

export function platformOf(name: string): Pick<LockEntry, 'os' | 'cpu' | 'libc'> | undefined;
export function missingEntries(lock: { packages: Record<string, LockEntry> }): Record<string, LockEntry>;
