import readXlsxFile from 'read-excel-file/node';

/** The sheets of a workbook as rows of cells, read by a library other than the one that writes them. Null and empty text are the same to it. */
export async function sheetsOf(workbook: Buffer): Promise<{ name: string; rows: unknown[][] }[]> {
  const sheets = await readXlsxFile(workbook, { trim: false });
  return sheets.map(({ sheet, data }) => ({ name: sheet, rows: data }));
}
