/**
 * The codes of the gate's refusals and their texts. A code is stable: it becomes part of a problem type that programs read.
 * `instead`: what would be allowed, where that does not depend on the query.
 */
import { text, type Text } from '#contract/text.ts';

interface Code {
  readonly en: string;
  readonly zh: string;
  readonly instead?: Text;
}

export const CODES = {
  'text/too-long': { en: 'The query is longer than {limit} bytes.', zh: '查询超过 {limit} 字节。' },
  'text/not-unicode': { en: 'The query holds a character that is not valid Unicode.', zh: '查询含有无效的 Unicode 字符。' },
  'text/control-character': { en: 'The query holds a control character.', zh: '查询含有控制字符。', instead: text('Use spaces, tabs and line breaks only.', '仅可使用空格、制表符和换行。') },

  'parse/syntax': { en: 'This is not valid SQL at this place.', zh: '此处不是有效的 SQL 语法。' },
  'parse/unreadable': { en: 'The query holds a number that has no exact form, or cannot be read.', zh: '查询中有无法精确表示的数字,或无法读取。' },
  'parse/not-a-query': { en: 'Only queries are accepted: SELECT, WITH … SELECT, VALUES.', zh: '只接受查询语句:SELECT、WITH … SELECT、VALUES。' },
  'parse/nothing': { en: 'There is no statement.', zh: '没有语句。' },
  'parse/several': { en: 'There are {count} statements; a job has one.', zh: '共有 {count} 条语句;一个作业只能有一条。' },

  'cap/comments': { en: 'There are more than {limit} comments of the form /* … */.', zh: '/* … */ 形式的注释超过 {limit} 个。' },
  'cap/signs': { en: 'There are {limit} or more signs in a row here.', zh: '此处连续出现 {limit} 个以上的正负号。' },
  'cap/nodes': { en: 'The query has more than {limit} elements.', zh: '查询的语法元素超过 {limit} 个。' },
  'cap/depth': { en: 'Expressions are nested more than {limit} deep.', zh: '表达式嵌套超过 {limit} 层。' },
  'cap/nesting': { en: 'Queries are nested more than {limit} deep.', zh: '查询嵌套超过 {limit} 层。' },
  'cap/joins': { en: 'The query reads more than {limit} tables, counting each use of a WITH query.', zh: '查询读取的表超过 {limit} 个(每次使用 WITH 查询都计入)。' },
  'cap/joined': { en: 'More than {limit} tables are joined with one another.', zh: '相互连接的表超过 {limit} 个。', instead: text('Aggregate some of them first.', '请先聚合其中一部分。') },
  'cap/ctes': { en: 'There are more than {limit} WITH queries.', zh: 'WITH 查询超过 {limit} 个。' },
  'cap/set-operations': { en: 'There are more than {limit} set operations.', zh: '集合运算超过 {limit} 个。' },
  'cap/subqueries': { en: 'There are more than {limit} subqueries.', zh: '子查询超过 {limit} 个。' },
  'cap/columns': { en: 'There are more than {limit} columns.', zh: '列数超过 {limit}。' },
  'cap/grouping-sets': { en: 'There are more than {limit} grouping sets.', zh: '分组集合超过 {limit} 个。' },
  'cap/values': { en: 'VALUES lists hold more than {limit} values.', zh: 'VALUES 列表超过 {limit} 个值。' },
  'cap/gates': { en: 'The query has {gates} aggregations over protected tables; a job may have {limit}.', zh: '查询含有 {gates} 个受保护表上的聚合;每个作业最多 {limit} 个。' },

  'sql/unsupported': { en: '{name} is not part of the SQL that is accepted here.', zh: '此处不接受 {name} 这种 SQL 结构。' },
  'sql/operator': { en: 'The operator {name} is not accepted.', zh: '不接受运算符 {name}。' },
  'sql/type': { en: 'The type {name} is not accepted.', zh: '不接受类型 {name}。', instead: text('Numbers, text, BOOLEAN, dates, times and INTERVAL are.', '可用数值、文本、BOOLEAN、日期时间和 INTERVAL 类型。') },
  'sql/parameter': { en: 'A query has no parameters.', zh: '查询不能带参数。', instead: text('Write the value itself.', '请直接写出值。') },
  'sql/positional-reference': { en: 'Columns cannot be named by position with #.', zh: '不能用 # 按位置引用列。', instead: text('Write the column’s name.', '请写列名。') },
  'sql/star': { en: '* stands for columns only in a select list, and COLUMNS is not accepted.', zh: '* 只能出现在选择列表中;不接受 COLUMNS。', instead: text('List the columns.', '请逐一列出列名。') },
  'sql/lambda': { en: 'Lambda functions are not accepted.', zh: '不接受 lambda 函数。' },
  'sql/table-function': { en: 'Table functions are not accepted.', zh: '不接受表函数。', instead: text('Name a table of the catalogue.', '请使用目录中的表。') },
  'sql/show': { en: 'DESCRIBE, SHOW and SUMMARIZE are not accepted.', zh: '不接受 DESCRIBE、SHOW 和 SUMMARIZE。', instead: text('The catalogue shows tables and columns.', '表和列请在目录中查看。') },
  'sql/pivot': { en: 'PIVOT and UNPIVOT are not accepted.', zh: '不接受 PIVOT 和 UNPIVOT。', instead: text('Use an aggregate with GROUP BY.', '请使用 GROUP BY 聚合。') },
  'sql/sample': { en: 'SAMPLE is not accepted: its rows are chosen at random.', zh: '不接受 SAMPLE:其行是随机选取的。' },
  'sql/at': { en: 'AT is not accepted: a job reads the snapshot that it is given.', zh: '不接受 AT:作业只读取指定的快照。' },
  'sql/join': { en: '{name} joins are not accepted.', zh: '不接受 {name} 连接。', instead: text('INNER, LEFT, RIGHT, FULL, CROSS, SEMI and ANTI joins are.', '可用 INNER、LEFT、RIGHT、FULL、CROSS、SEMI、ANTI 连接。') },
  'sql/recursive': { en: 'WITH RECURSIVE is not accepted: its size depends on data.', zh: '不接受 WITH RECURSIVE:其规模取决于数据。' },
  'sql/limit': { en: 'LIMIT takes a number of rows, not a percentage.', zh: 'LIMIT 须为行数,不能是百分比。' },
  'sql/set-operation': { en: '{name} is not an accepted set operation.', zh: '不接受集合运算 {name}。', instead: text('UNION, INTERSECT and EXCEPT by position, with or without ALL.', '可用按位置的 UNION、INTERSECT、EXCEPT,可带 ALL。') },
  'sql/identifier': { en: 'The name {name} is not a plain identifier.', zh: '名称 {name} 不是普通标识符。', instead: text('Use letters, digits and _ for tables; headings of result columns may have spaces and punctuation, but no quotes.', '表别名请用字母、数字和 _;结果列名可含空格和标点,但不能含引号。') },

  'bind/unknown-table': { en: 'There is no table “{name}”.', zh: '没有表“{name}”。' },
  'bind/ambiguous-table': { en: '{name} may be {first} or {second}.', zh: '{name} 可能指 {first} 或 {second}。', instead: text('Write dataset.table.', '请写成 数据集.表。') },
  'bind/duplicate-alias': { en: 'Two tables are called {name}.', zh: '有两个表都叫 {name}。', instead: text('Give one of them another alias.', '请为其中一个另取别名。') },
  'bind/unknown-column': { en: 'There is no column “{name}” here.', zh: '此处没有列“{name}”。' },
  'bind/ambiguous-column': { en: 'The column “{name}” occurs in several tables.', zh: '列“{name}”出现在多个表中。', instead: text('Write table.column.', '请写成 表.列。') },
  'bind/whole-row': { en: '{name} is a table; a whole row is not a value.', zh: '{name} 是表;整行不能作为值。', instead: text('Name a column.', '请写列名。') },
  'bind/star-without-from': { en: '* needs a table in FROM.', zh: '* 需要 FROM 中有表。' },
  'bind/column-aliases': { en: '{given} column names are given for {columns} columns.', zh: '为 {columns} 列给出了 {given} 个列名。' },
  'bind/natural': { en: 'The tables of the NATURAL JOIN have no column in common.', zh: 'NATURAL JOIN 的表没有同名列。' },
  'bind/unknown-function': { en: 'There is no function “{name}” here.', zh: '此处没有函数“{name}”。' },
  'bind/arguments': { en: '{name} does not take ({types}).', zh: '{name} 不接受参数 ({types})。', instead: text('Cast the arguments where their types differ.', '参数类型不符时请显式转换。') },
  'bind/not-an-aggregate': { en: '{name} is not an aggregate: it takes no DISTINCT, FILTER or ORDER BY.', zh: '{name} 不是聚合函数,不能带 DISTINCT、FILTER 或 ORDER BY。' },
  'bind/aggregate-here': { en: 'An aggregate ({name}) has no place in {clause}.', zh: '{clause} 中不能使用聚合({name})。' },
  'bind/window-here': { en: 'A window function ({name}) has no place in {clause}.', zh: '{clause} 中不能使用窗口函数({name})。' },
  'bind/over-missing': { en: '{name} needs OVER (…).', zh: '{name} 需要 OVER (…)。' },
  'bind/types': { en: '{a} and {b} have no type in common.', zh: '{a} 与 {b} 没有共同的类型。', instead: text('Cast one of them.', '请显式转换其中之一。') },
  'bind/not-grouped': { en: 'The column “{name}” is neither in GROUP BY nor inside an aggregate.', zh: '列“{name}”既不在 GROUP BY 中,也不在聚合中。' },
  'bind/grouping': { en: 'GROUPING takes expressions of GROUP BY.', zh: 'GROUPING 的参数须为 GROUP BY 中的表达式。' },
  'bind/position': { en: 'There is no column {position}: the select list has {columns}.', zh: '没有第 {position} 列:选择列表共 {columns} 列。' },
  'bind/limit': { en: 'LIMIT and OFFSET take a number, not an expression.', zh: 'LIMIT 和 OFFSET 须为数字,不能是表达式。' },
  'bind/order-distinct': { en: 'With DISTINCT, ORDER BY takes columns of the select list only.', zh: '使用 DISTINCT 时,ORDER BY 只能使用选择列表中的列。' },
  'bind/set-operation-width': { en: 'One side of the set operation has {left} columns, the other {right}.', zh: '集合运算一侧有 {left} 列,另一侧有 {right} 列。' },
  'bind/subquery-columns': { en: 'This subquery has {columns} columns where one value is wanted.', zh: '此处需要一个值,而子查询有 {columns} 列。' },
  'bind/subquery-here': { en: 'A subquery has no place in {clause}.', zh: '{clause} 中不能使用子查询。', instead: text('Put it into WHERE or the select list.', '请将其放入 WHERE 或选择列表。') },
  'bind/correlated': { en: 'This subquery depends on the query around it in a way that cannot be taken apart.', zh: '该子查询以无法拆分的方式依赖外层查询。', instead: text('Compare with columns of the outer query by = in its WHERE, or write a join.', '请在其 WHERE 中用 = 与外层列比较,或改写为连接。') },

  'unit/opaque': { en: '{name} identifies protected parties and can only be counted with COUNT(DISTINCT …), joined on, or grouped by before a further aggregation.', zh: '{name} 标识受保护主体,只能用 COUNT(DISTINCT …) 计数、用于连接,或在进一步聚合之前分组。' },
  'unit/no-rule': { en: 'The policy has no rule for the protected unit {unit}.', zh: '策略没有针对受保护单位 {unit} 的规则。' },

  'gate/unit-rows': { en: 'The result would hold rows of single protected parties ({units}). Only aggregates over groups of them can be released.', zh: '结果会包含单个受保护主体({units})的行。只能释放其群组上的聚合。', instead: text('Aggregate with COUNT, SUM or AVG, and GROUP BY columns that many share.', '请用 COUNT、SUM 或 AVG 聚合,并按多人共有的列分组。') },
  'gate/some-units': { en: 'Grouping by one kind of unit ({kept}) leaves rows of it that summarise units of another kind ({lost}).', zh: '按一种单位({kept})分组会得到汇总了另一种单位({lost})的行。', instead: text('Aggregate in one step, over groups that many units of every kind share.', '请一步聚合到各类单位都共享的群组。') },
  'gate/below': { en: '{name} is not accepted on rows of protected parties.', zh: '不能对受保护主体的行使用 {name}。', instead: text('Aggregate first; on the aggregates it is allowed.', '请先聚合;在聚合结果上可以使用。') },
  'gate/union': { en: 'The sides of this set operation hold rows of different protected units ({left} and {right}).', zh: '该集合运算两侧的受保护单位不同({left} 与 {right})。', instead: text('Aggregate each side first.', '请先分别聚合两侧。') },
  'gate/repeats': { en: 'A set operation over rows of protected parties adds two groups up in one total, in which a small one would show.', zh: '对受保护主体的行作集合运算会把两组合计为一个总数,其中较小的一组可能因此显露。', instead: text('Aggregate each side by itself and put the results together; tell parts of one table apart by GROUP BY or FILTER.', '请分别聚合各侧,再合并结果;同一张表的各部分可用 GROUP BY 或 FILTER 区分。') },
  'gate/statistic': { en: 'There is no release rule for {name} of protected rows.', zh: '{name} 没有针对受保护行的释放规则。', instead: text('COUNT, COUNT(DISTINCT unit), SUM and AVG have one.', '可用 COUNT、COUNT(DISTINCT 单位)、SUM 和 AVG。') },
  'gate/no-statistic': { en: 'The policy does not list {statistic} for {name}.', zh: '策略未列出 {name} 的 {statistic}。' },
  'gate/quantile-level': { en: 'The policy offers no window of units for {name} here.', zh: '策略没有为此处的 {name} 提供主体窗口。' },
  'gate/window-noise': { en: 'A quantile or extreme is a mean of a few units, which the mechanism “{mechanism}” of the policy would make meaningless.', zh: '分位数和极值是少数主体的均值,策略的“{mechanism}”机制会使其失去意义。', instead: text('Ask for the average, or for counts by bands of the column.', '请查询平均值,或按该列分段计数。') },
  'gate/several-values': { en: 'Quantiles and extremes are of one value for each protected party; here a party ({units}) may have several rows.', zh: '分位数和极值须为每个受保护主体一个值;此处一个主体({units})可能有多行。', instead: text('Aggregate the rows of each party first: SELECT median(t) FROM (SELECT unit, sum(x) AS t … GROUP BY unit).', '请先按主体汇总:SELECT median(t) FROM (SELECT 主体, sum(x) AS t … GROUP BY 主体)。') },
  'gate/not-linear': { en: 'An aggregated expression must be a sum of columns times constants.', zh: '被聚合的表达式须为“列×常数”之和。', instead: text('Aggregate each column by itself and combine the results.', '请分别聚合各列,再对结果做运算。') },
  'gate/unbounded': { en: 'Nothing bounds this expression, so its spread cannot be computed exactly, or judged.', zh: '该表达式没有界限,无法精确计算或判断其离散程度。', instead: text('Use a column with declared bounds (min, max), or cast the expression to a DECIMAL that holds it.', '请使用声明了界限(min、max)的列,或将表达式转换为能容纳它的 DECIMAL。') },
  'gate/branch': { en: 'The conditions inside this aggregate have more than {limit} outcomes.', zh: '该聚合内部的条件组合超过 {limit} 种。', instead: text('Put the condition into WHERE or GROUP BY.', '请将条件放入 WHERE 或 GROUP BY。') },
  'gate/constant': { en: 'This constant cannot be computed.', zh: '该常量无法计算。', instead: text('Write a value that its type has, or NULL.', '请写出该类型具有的值,或 NULL。') },
  'gate/class-link': { en: 'This table is joined by a sensitive column and by something else, or by what an outer join has found under a condition on one, so it cannot be told whose sensitive attribute the result tells.', zh: '该表既按敏感列又按其他条件连接,或按外连接在敏感列条件下匹配到的值连接,无法判断结果透露了谁的敏感属性。', instead: text('Join by the sensitive column alone, put the other conditions into WHERE, and use an inner join in place of the outer one.', '请仅按敏感列连接,将其他条件写入 WHERE,并以内连接代替外连接。') },
  'gate/partial': { en: '{name} can fail on some value, so it is not accepted on protected rows.', zh: '{name} 对某些值会出错,因此不能用于受保护的行。', instead: text('Aggregate first; on the aggregates it is allowed.', '请先聚合;在聚合结果上可以使用。') },

  'join/not-on-unit': { en: 'Tables of protected parties must be joined on the protected unit ({units}) or on a declared key that implies it.', zh: '受保护表之间须按受保护单位({units})或能推出它的已声明键连接。', instead: text('Add an equality between their unit columns.', '请加上单位列之间的等值条件。') },
  'join/repeats': { en: 'This join may repeat some rows of protected parties more often than others.', zh: '该连接可能使某些受保护主体的行比其他行重复更多次。', instead: text('Join on a column that has no value twice: one that is declared as the target of a reference, or different values in VALUES.', '请按取值不重复的列连接:已声明为被引用的列,或 VALUES 中互不相同的值。') },
  'join/mixed': { en: 'In this outer join {name} would add parties without a matching row, each once, to the many rows of others.', zh: '在此外连接中,{name} 会把没有匹配行的主体(各计一次)与其他主体的多行记录混在一起。', instead: text('Aggregate a column of the side that may be missing, count DISTINCT units, or use an inner join.', '请聚合可能缺失一侧的列,对主体去重计数,或使用内连接。') },
  'join/not-listed': { en: 'The policy does not list a join of {left} with {right}.', zh: '策略未列出 {left} 与 {right} 的连接。' },

  'grid/filter': { en: 'The policy does not allow to filter on {name} this finely.', zh: '策略不允许按如此精细的 {name} 过滤。' },
  'grid/group': { en: 'The policy does not allow to group by {name} this finely.', zh: '策略不允许按如此精细的 {name} 分组。' },
  'grid/join': { en: 'The policy does not allow to join on {name}.', zh: '策略不允许按 {name} 连接。' },

  'print/mismatch': { en: 'The query could not be put into a form that is certain to mean the same.', zh: '该查询无法转换为确定等价的形式。', instead: text('Write it in a simpler way.', '请换一种更简单的写法。') },
} as const satisfies Record<string, Code>;

export type RefusalCode = keyof typeof CODES;

/** All codes that the gate raises. */
export const REFUSAL_CODES = Object.keys(CODES) as readonly RefusalCode[];
