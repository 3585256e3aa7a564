/** Rules on perturbation tables of agencies: which a policy may name. */
import { text } from '#contract/text.ts';
import { rule } from './rule.ts';

export const perturbationTables = rule(
  'perturbation-tables',
  text('every policy that names a perturbation table names one that its agency had loaded, and no agency gave a name to two tables', '策略所引用的扰动表均由其数据提供单位事先载入；同一单位未将同一名称用于两个扰动表'),
  () => {
    const providers = new Map<string, string>();
    /** By agency and name, and by agency and digest. */
    const names = new Map<string, string>();
    const loaded = new Set<string>();
    return {
      'dataset.registered': ({ body }) => void providers.set(body.dataset, body.organisation),
      'perturbation-table.loaded': ({ body }) => {
        const name = `${body.organisation} ${body.name}`;
        if ((names.get(name) ?? body.table) !== body.table) return text('a name is given to a second table', '同一名称被用于另一扰动表');
        names.set(name, body.table);
        loaded.add(`${body.organisation} ${body.table}`);
        return 'holds';
      },
      'policy.proposed': ({ body }) => {
        if (body.perturbationTable === undefined) return undefined;
        return loaded.has(`${providers.get(body.dataset)} ${body.perturbationTable}`) ? 'holds' : text('it names a perturbation table that its agency has not loaded', '其所引用的扰动表未由该单位载入');
      },
    };
  },
);
