import jsQR from 'jsqr';

type Scanner = (data: Uint8ClampedArray, width: number, height: number) => { data: string } | null;
// A CommonJS module: its function is the default of the default.
const scan = ((jsQR as unknown as { default?: Scanner }).default ?? jsQR) as Scanner;

/** What a scanner written elsewhere reads in a picture of RGBA pixels. */
export function scannedCode({ data, info }: { data: Buffer; info: { width: number; height: number } }): string | undefined {
  return scan(new Uint8ClampedArray(data), info.width, info.height)?.data;
}
