import type { ListDefinition } from '../format/list.ts';
import { ellipsis } from './container-list.ts';

export interface SearchRow {
  name: string;
  description: string;
  stars: number;
  official: boolean;
}

/** What `search` shows. */
export const searchList = (noTrunc: boolean): ListDefinition<SearchRow> => ({
  typeName: '*registry.searchContext',
  columns: {
    Name: { header: 'NAME', value: ({ name }) => name },
    Description: {
      header: 'DESCRIPTION',
      value: ({ description }) => (noTrunc ? description : ellipsis(description, 45)),
    },
    StarCount: { header: 'STARS', value: ({ stars }) => String(stars) },
    IsOfficial: {
      header: 'OFFICIAL',
      value: ({ official }) => (official ? '[OK]' : ''),
      json: ({ official }) => String(official),
    },
  },
  defaultTable: '{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}',
  quiet: '{{.Name}}',
});
