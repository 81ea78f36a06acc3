import { goJson } from '../values/go-json.ts';
import { structTypeOf, type TemplateFunction, type TypedNil } from './values.ts';

/** The functions that docker adds to templates. */
export const dockerFunctions: Readonly<Record<string, TemplateFunction>> = {
  json: { params: ['any'], call: json },
  split: { params: ['string', 'string'], call: (text: string, separator: string) => splitGo(text, separator) },
  join: { params: ['strings', 'string'], call: join },
  title: { params: ['string'], call: title },
  lower: { params: ['string'], call: (text: string) => text.toLowerCase() },
  upper: { params: ['string'], call: (text: string) => text.toUpperCase() },
  pad: { params: ['string', 'int', 'int'], call: pad },
  truncate: { params: ['string', 'int'], call: truncate },
};

/** For the header row of a table: the same names, all but pad leaving the column title as it is. */
export const headerFunctions: Readonly<Record<string, TemplateFunction>> = {
  json: { params: ['string'], call: (text: string) => text },
  split: { params: ['string', 'string'], call: (text: string) => text },
  join: { params: ['string', 'string'], call: (text: string) => text },
  title: { params: ['string'], call: (text: string) => text },
  lower: { params: ['string'], call: (text: string) => text },
  upper: { params: ['string'], call: (text: string) => text },
  pad: { params: ['string', 'int', 'int'], call: pad },
  truncate: { params: ['string', 'int'], call: (text: string) => text },
};

function json(value: unknown): string {
  const toJson = structTypeOf(value)?.methods?.MarshalJSON;
  if (toJson) return (toJson.call as (receiver: object) => string)(value as object);
  return goJson(typeof value === 'symbol' ? null : value, { escapeHtml: false });
}

function splitGo(text: string, separator: string): string[] {
  return separator === '' ? [...text] : text.split(separator);
}

function join(list: string[] | TypedNil, separator: string): string {
  return Array.isArray(list) ? list.join(separator) : '';
}

function title(text: string): string {
  return text.replace(/(?<![\p{L}\p{N}_'])\p{L}/gu, (letter) => letter.toUpperCase());
}

function pad(text: string, left: number, right: number): string {
  return text === '' ? '' : ' '.repeat(left) + text + ' '.repeat(right);
}

function truncate(text: string, length: number): string {
  return text.length < length ? text : text.slice(0, length);
}
