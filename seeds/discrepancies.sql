-- What contradicts what: run by the loaders at publication, over all observations, not only the preferred ones.
-- Each kind, severity and reason is told in codes.csv, lists discrepancy_kinds, severities and discrepancy_reasons.
-- What is reported before November as the year's is left out: it is of some months, whatever it is called.
--
-- The rules, and why:
-- * values_differ: Two numbers of the same region, indicator, period, role, measure, base and scope exclude each other
--   in base units. Rounded and cut off is no contradiction: half a unit of the last place of the coarser one is
--   allowed. Nor is a bound or a range that the other keeps (20 and 20以上), nor 5 percent of an 左右, nor two columns of
--   one row, nor what the same breath adds (力争, 总数), nor a word of narrowing in one clause alone (累计, 同口径, 环比). A name
--   outside the catalogue with numbers in three sections is a common noun.
-- * revised: A later document gives another number than an earlier one: a target more than 60 days after, or an actual
--   that was an estimate or is more than 300 days old, by at most 10 percent (two points of a share). Statistics are
--   revised and plans adjusted; that is worth knowing, but nobody is wrong.
-- * growth_differs: The level and the level of the year before (or of the base that is named) give another growth than
--   the one stated. Half a unit of each last place is allowed, and half a point where it is planned. An actual has 5
--   points, as growths are reckoned on the firms and prices of now. What is at constant prices (value added, output of
--   farming, incomes, wages) may lie below its levels by prices that rise 10 percent, 15 in an actual; no plan reckons
--   with falling prices, an actual may with 6 percent. Of levels of other documents 3 points more.
-- * average_growth_differs: The levels at both ends give another average growth; a point is allowed where it is
--   planned, else it is as for growth_differs.
-- * change_differs: Two levels differ by another amount than the change stated, by more than rounding and a tenth of a
--   point of a share or a hundredth of a level, as each may be taken from another count.
-- * part_exceeds_whole: A part of wholes.csv is greater than its whole, or than the whole of that, by more than half a
--   percent, in one document. It cannot be, whichever of the two is wrong.
-- * parts_differ_from_whole: Parts that together are the whole (addends.csv, the three industries) add up to more than
--   it, or all of them to less, by more than a percent and rounding. Statistics add up; the percent is for plans made
--   apart.
-- * shares_differ_from_hundred: The shares of such parts add up to more than 100 percent, or all of them to less, by
--   more than half a point and rounding.
-- * ratio_differs: An indicator that is one divided by another (ratios.csv, the ratio of incomes) is another than the
--   two give, by more than 3 percent and rounding. Less may come from a later revision of one of them.
-- * count_and_share_differ: A number of villages, townships or communities and the share that they are of all stand for
--   two years, and do not give the same whole. Such a whole does not change within a year.
-- * below_reached: A target lies below what was reached the year before, of what does not fall: years of age and of
--   schooling and the urban share at all, what there is for so many people by more than 5 percent, a balance by more
--   than 30. A bound is no such target, nor is one of what is done anew each year.
-- * far_above_reached: The target of a balance is more than five times what was reached the year before: most often one
--   of the two is in another unit, or not a balance.
-- * out_of_line: A target is more than twice what was reached, and the next year's target less than half of it: most
--   often a slip in the first.
-- * beyond_possible: A number cannot be: a share of a whole above 100 percent, any percentage above 10,000, a fall by
--   more than 100 percent, more people, money or land than the largest area of the level has, 20 kilometres of road on
--   a square kilometre, 120 years of age. A rate of completion may exceed 100 percent. Most often the unit is wrong.
-- * unit_in_doubt: The name of a number counts in ten thousands (万套) and the number has a smaller unit: one of the two
--   is meant, and the number alone does not tell which.
-- * rank_contradicted: A document claims a place among the areas of a prefecture or province, and as many of these
--   report more as the place has room for. The claim or one of the reports is wrong, or they are counted in another
--   way.
-- Severity: high where all stands in tables and is exact; low where it is a revision, where a name is not in the
-- catalogue or two names are unlike, where a number is about so, and where a level comes from another document; else
-- medium. Arithmetic is at most medium where plans are made apart, at constant prices, and where statistics are
-- revised.

CREATE TEMP TABLE numbers AS -- what has a number: as it stands, and as it may be
WITH told AS (
  SELECT o.ordinal, o.region, o.indicator, o.year, o.period, o.role, o.status, o.measure, o.base_period, o.comparator,
    o.scope, o.preferred, o.document, o.known_on, o."table" IS NOT NULL AS tabled,
    indicators.name, indicators.direction, indicators.reviewed,
    o.value::DOUBLE AS value, o.value_high::DOUBLE AS value_high,
    length(rtrim(split_part(o.value::VARCHAR, '.', 2), '0')) AS places,
    if( -- firms are counted in 家 and in 户
      right(o.unit_label, 1) IN ('家', '户', '个'), 'item', coalesce(conversions.dimension, o.unit, 'ratio')
    ) AS dimension,
    coalesce(conversions.ratio, 1) * pow(10::DOUBLE, coalesce(o.unit_multiplier, 0)) AS ratio
  FROM observations AS o JOIN indicators ON indicators.id = o.indicator
    LEFT JOIN conversions ON conversions.unit = o.unit
  WHERE o.value IS NOT NULL AND o.measure != 'rank'
    AND NOT (o.role = 'actual' AND o.period = o.year::VARCHAR AND o.known_on < make_date(o.year, 11, 1))
),
stepped AS (
  SELECT *, value * ratio AS base, ratio * pow(10::DOUBLE, -places) AS step, -- of the last place
    if(comparator = 'approx', greatest(abs(value * ratio) * 0.05, if(dimension LIKE 'share%', 0.005, 0)), 0) AS about
  FROM told
)
SELECT * EXCLUDE (value, value_high, ratio, places, about),
  hash(region, indicator, period, role, measure, dimension, base_period, scope) AS thing,
  if(comparator IN ('le', 'lt'), '-infinity'::DOUBLE, base - about) AS low,
  CASE
    WHEN comparator IN ('ge', 'gt') THEN 'infinity'::DOUBLE
    WHEN comparator = 'range' THEN value_high * ratio
    ELSE base + about
  END AS high
FROM stepped;

CREATE TEMP TABLE found (reason VARCHAR, kind VARCHAR, severity VARCHAR, rows INTEGER[]);

INSERT INTO found -- values_differ, revised
WITH doubted AS (
  SELECT thing, count(*) AS statements FROM numbers GROUP BY thing HAVING count(*) > 1 AND max(low) > min(high)
),
few AS (
  SELECT numbers.* FROM numbers JOIN doubted USING (thing) WHERE statements <= 50
  UNION ALL
  SELECT numbers.* FROM numbers JOIN doubted USING (thing) WHERE statements > 50
  QUALIFY row_number() OVER (PARTITION BY thing ORDER BY low DESC, ordinal) <= 25 -- those furthest apart
    OR row_number() OVER (PARTITION BY thing ORDER BY high, ordinal) <= 25
),
placed AS (
  SELECT few.*, o."table", o."row", o.section, o.source_name, o.quote_start, o.quote_end,
    regexp_extract(
      CASE
        WHEN tabled THEN o.source_name
        WHEN contains(o.quote, '(') THEN regexp_replace(o.quote, '\([a-zà-ǜ]+\)', '', 'g') -- pinyin
        ELSE o.quote
      END,
      '累[计計]|本[级級]|口[径徑]|剔除|扣除|不含|五年|翻番|翻一番|以[来來]|[环環]比|[当當]月'
    ) AS narrowing
  FROM few JOIN observations AS o USING (ordinal)
),
alone AS ( -- the second number of one breath is a stretch, a total, another month
  SELECT * FROM placed
  QUALIFY tabled OR coalesce(
    quote_start - lag(quote_end) OVER (PARTITION BY thing, document, tabled ORDER BY quote_start, ordinal) > 60, true
  )
),
pairs AS (
  SELECT one.thing, one.ordinal AS first, two.ordinal AS second, one.reviewed,
    CASE WHEN one.document = two.document THEN one.document END AS document,
    one.document != two.document AND CASE
      WHEN one.role = 'target' THEN abs(one.known_on - two.known_on) > 60
      ELSE (one.status != two.status OR abs(one.known_on - two.known_on) > 300)
        AND abs(one.base - two.base) <= if(one.dimension LIKE 'share%', 0.02, 0.1 * abs(one.base))
    END AS revised,
    NOT one.reviewed OR 'approx' IN (one.comparator, two.comparator) OR CASE
      WHEN one.source_name = two.source_name THEN false
      WHEN regexp_matches(one.source_name || two.source_name, '[A-Za-z]') THEN false -- GDP is like no other name
      WHEN length(one.source_name) < length(two.source_name)
        THEN length(translate(one.source_name, two.source_name, '')) > 0.3 * length(one.source_name)
      ELSE length(translate(two.source_name, one.source_name, '')) > 0.3 * length(two.source_name)
    END AS doubtful,
    one.tabled AND two.tabled AND one.comparator = 'eq' AND two.comparator = 'eq' AS plain,
    one.section AS one_section, two.section AS two_section
  FROM alone AS one JOIN alone AS two ON one.thing = two.thing AND one.ordinal < two.ordinal
  WHERE greatest(one.low - two.high, two.low - one.high) > 0.5001 * greatest(one.step, two.step)
    AND NOT ( -- cut off after two digits or more
      one.step != two.step AND one.comparator = 'eq' AND two.comparator = 'eq'
      AND (one.base - two.base) * sign(two.step - one.step) BETWEEN 0 AND 0.9999 * greatest(one.step, two.step)
      AND abs(one.base) >= 10 * greatest(one.step, two.step)
    )
    AND NOT (one.document = two.document AND (
      one."table" = two."table" AND one."row" = two."row"
      OR one.quote_start < two.quote_end AND two.quote_start < one.quote_end
    ) IS TRUE)
    AND one.narrowing = two.narrowing
)
SELECT
  if(revised, 'revised', 'values_differ'),
  if(document IS NULL, 'between_documents', 'within_document'),
  CASE WHEN revised OR bool_and(doubtful) THEN 'low' WHEN bool_or(plain AND NOT doubtful) THEN 'high' ELSE 'medium' END,
  list_distinct(list_concat(list(first), list(second)))
FROM pairs GROUP BY thing, document, revised
HAVING bool_and(reviewed) OR len(list_distinct(list_concat(list(one_section), list(two_section)))) < 3;

CREATE TEMP TABLE told AS -- what a document says of one thing, at least and at most
SELECT region, indicator, role, year, period, measure, dimension, base_period, scope, document,
  any_value(name) AS name,
  any_value(direction) AS direction,
  bool_or(NOT reviewed OR comparator = 'approx') AS doubtful,
  bool_and(tabled AND comparator = 'eq') AS plain,
  min(low - step / 2) AS low,
  max(high + step / 2) AS high,
  min(low) AS stated_low,
  max(high) AS stated_high,
  min(high + step / 2) AS least, -- the smallest of its numbers, and its place
  arg_min(ordinal, high) AS least_row,
  max(low - step / 2) AS most,
  arg_max(ordinal, low) AS most_row,
  arg_min(comparator, high) AS least_comparator,
  bool_or(preferred) AS preferred,
  min(ordinal, 10) AS rows
FROM numbers
GROUP BY region, indicator, role, year, period, measure, dimension, base_period, scope, document;

CREATE TEMP TABLE levels AS
SELECT * FROM told WHERE measure = 'level' AND period = year::VARCHAR AND base_period IS NULL;

CREATE TEMP VIEW reached AS SELECT * FROM levels WHERE role = 'actual';

INSERT INTO found -- growth_differs, average_growth_differs, change_differs
WITH moved AS (
  SELECT *, row_number() OVER () AS number,
    CASE
      WHEN base_period IS NOT NULL THEN try_cast(base_period AS SMALLINT)
      WHEN measure = 'average_growth' THEN try_cast(split_part(period, '/', 1) AS SMALLINT) - 1
      ELSE year - 1
    END AS since,
    CASE WHEN dimension = 'share_change' THEN 'share' ELSE dimension END AS level_dimension,
    regexp_matches(name, '增加值|生产总值|GDP|农.*总产值|可支配收入|纯收入|消费支出|工资') AS priced
  FROM told
  WHERE measure IN ('growth', 'change') AND period = year::VARCHAR
    OR measure = 'average_growth' AND regexp_full_match(period, '[0-9]{4}/[0-9]{4}')
),
placed AS (
  SELECT moved.*,
    if(level.document IS NULL, other_level.low, level.low) AS level_low,
    if(level.document IS NULL, other_level.high, level.high) AS level_high,
    if(before.document IS NULL, other_before.low, before.low) AS before_low,
    if(before.document IS NULL, other_before.high, before.high) AS before_high,
    list_concat(
      moved.rows, coalesce(level.rows, other_level.rows), coalesce(before.rows, other_before.rows)
    ) AS all_rows,
    moved.doubtful OR coalesce(level.doubtful, other_level.doubtful)
      OR coalesce(before.doubtful, other_before.doubtful) AS unsure,
    moved.plain AND coalesce(level.plain, other_level.plain) AND coalesce(before.plain, other_before.plain) AS sure,
    level.document IS NULL OR before.document IS NULL AS abroad,
    if(moved.measure = 'average_growth', moved.year - since, 1) AS years,
    if(moved.measure = 'growth', moved.year - since, 1) AS span
  FROM moved
  LEFT JOIN levels AS level ON level.region = moved.region AND level.indicator = moved.indicator
    AND level.year = moved.year AND level.role = moved.role AND level.scope IS NOT DISTINCT FROM moved.scope
    AND level.document = moved.document
    AND (moved.measure != 'change' OR level.dimension = moved.level_dimension)
  LEFT JOIN levels AS other_level ON level.document IS NULL AND other_level.preferred
    AND other_level.region = moved.region AND other_level.indicator = moved.indicator
    AND other_level.year = moved.year AND other_level.role = moved.role
    AND other_level.scope IS NOT DISTINCT FROM moved.scope
    AND (moved.measure != 'change' OR other_level.dimension = moved.level_dimension)
  LEFT JOIN reached AS before ON before.region = moved.region AND before.indicator = moved.indicator
    AND before.year = moved.since AND before.scope IS NOT DISTINCT FROM moved.scope
    AND before.document = moved.document AND before.dimension = coalesce(level.dimension, other_level.dimension)
  LEFT JOIN reached AS other_before ON before.document IS NULL AND other_before.preferred
    AND other_before.region = moved.region AND other_before.indicator = moved.indicator
    AND other_before.year = moved.since AND other_before.scope IS NOT DISTINCT FROM moved.scope
    AND other_before.dimension = coalesce(level.dimension, other_level.dimension)
  WHERE moved.since < moved.year
),
reckoned AS (
  SELECT *,
    if(role = 'target', stated_low, low) AS least_stated, -- what is planned is not rounded
    if(role = 'target', stated_high, high) AS most_stated,
    if(
      measure = 'change', level_low - before_high, pow(greatest(level_low, 0) / before_high, 1.0 / years) - 1
    ) AS from_low,
    if(
      measure = 'change', level_high - before_low, pow(greatest(level_high, 0) / before_low, 1.0 / years) - 1
    ) AS from_high,
    if(measure = 'change' AND level_dimension != 'share', abs(level_high), 1) AS scale,
    CASE
      WHEN measure = 'change' THEN if(level_dimension = 'share', 0.001, 0.01)
      WHEN role = 'target' THEN if(measure = 'growth', 0.005, 0.01)
      WHEN priced THEN 0.06
      ELSE 0.05
    END * span * scale AS below,
    CASE
      WHEN measure = 'change' THEN if(level_dimension = 'share', 0.001, 0.01)
      WHEN priced THEN if(role = 'target', 0.1, 0.15)
      WHEN role = 'target' THEN if(measure = 'growth', 0.005, 0.01)
      ELSE 0.05
    END * span * scale AS above,
    if(abroad, if(measure = 'change' AND level_dimension = 'share', 0.002, 0.03) * scale, 0) AS revision
  FROM placed
  WHERE level_low IS NOT NULL AND before_low > 0 AND isfinite(before_high)
),
differing AS (
  SELECT * FROM reckoned
  -- in yuan and in dollars one of the two is enough to agree
  QUALIFY bool_and(
    from_high < least_stated - (below + revision) * if(measure = 'change', 1, 1 + greatest(least_stated, 0))
    OR from_low > most_stated + (above + revision) * if(measure = 'change', 1, 1 + greatest(most_stated, 0))
  ) OVER (PARTITION BY number) AND row_number() OVER (PARTITION BY number ORDER BY dimension) = 1
)
SELECT
  measure::VARCHAR || '_differs',
  'arithmetic',
  CASE
    WHEN unsure OR abroad THEN 'low'
    WHEN sure AND role = 'target' AND NOT priced AND measure = 'growth' THEN 'high'
    ELSE 'medium'
  END,
  list_distinct(all_rows)
FROM differing;

INSERT INTO found -- part_exceeds_whole
WITH RECURSIVE
tree (indicator, whole) AS (
  SELECT indicator, whole FROM wholes
  UNION
  SELECT tree.indicator, wholes.whole FROM tree JOIN wholes ON wholes.indicator = tree.whole
)
SELECT 'part_exceeds_whole', 'arithmetic',
  CASE
    WHEN part.doubtful OR whole.doubtful THEN 'low'
    WHEN part.plain AND whole.plain AND part.role = 'actual' THEN 'high'
    ELSE 'medium'
  END,
  [part.least_row, whole.most_row]
FROM levels AS part
JOIN tree ON tree.indicator = part.indicator
JOIN levels AS whole ON whole.indicator = tree.whole AND whole.region = part.region AND whole.year = part.year
  AND whole.role = part.role AND whole.dimension = part.dimension AND whole.scope IS NOT DISTINCT FROM part.scope
  AND whole.document = part.document
WHERE part.low > whole.high * 1.005;

INSERT INTO found -- parts_differ_from_whole
WITH needed AS (SELECT indicator, whole, count(*) OVER (PARTITION BY whole) AS parts FROM addends),
summed AS (
  SELECT whole, parts, region, year, role, dimension, scope, document,
    count(*) AS told, sum(low) AS low, sum(high) AS high, bool_or(doubtful) AS doubtful, bool_and(plain) AS plain,
    flatten(list(rows)) AS rows
  FROM levels JOIN needed USING (indicator)
  GROUP BY ALL
)
SELECT 'parts_differ_from_whole', 'arithmetic',
  CASE
    WHEN summed.doubtful OR whole.doubtful THEN 'low'
    WHEN summed.plain AND whole.plain AND summed.role = 'actual' THEN 'high'
    ELSE 'medium'
  END,
  list_concat(summed.rows, whole.rows)
FROM summed JOIN levels AS whole ON whole.indicator = summed.whole AND whole.region = summed.region
  AND whole.year = summed.year AND whole.role = summed.role AND whole.dimension = summed.dimension
  AND whole.scope IS NOT DISTINCT FROM summed.scope AND whole.document = summed.document
WHERE told > 1 AND summed.low > whole.high * 1.01 OR told = parts AND summed.high < whole.low * 0.99;

INSERT INTO found -- shares_differ_from_hundred
WITH sets AS (
  SELECT ratios.indicator, whole, count(*) OVER (PARTITION BY whole) AS parts
  FROM addends JOIN ratios ON numerator = addends.indicator AND denominator = whole
)
SELECT 'shares_differ_from_hundred', 'arithmetic',
  CASE WHEN bool_or(doubtful) THEN 'low' WHEN bool_and(plain) AND role = 'actual' THEN 'high' ELSE 'medium' END,
  flatten(list(rows))
FROM levels JOIN sets USING (indicator)
WHERE dimension = 'share'
GROUP BY whole, parts, region, year, role, scope, document
HAVING count(*) > 1 AND (sum(low) > 1.005 OR count(*) = parts AND sum(high) < 0.995);

INSERT INTO found -- ratio_differs
SELECT 'ratio_differs', 'arithmetic', if(one.doubtful OR two.doubtful OR stated.doubtful, 'low', 'medium'),
  list_concat(one.rows, two.rows, stated.rows)
FROM ratios
JOIN levels AS stated ON stated.indicator = ratios.indicator
JOIN levels AS one ON one.indicator = ratios.numerator AND one.region = stated.region AND one.year = stated.year
  AND one.role = stated.role AND one.scope IS NOT DISTINCT FROM stated.scope AND one.document = stated.document
JOIN levels AS two ON two.indicator = ratios.denominator AND two.region = stated.region AND two.year = stated.year
  AND two.role = stated.role AND two.scope IS NOT DISTINCT FROM stated.scope AND two.document = stated.document
WHERE two.low > 0 AND one.low >= 0
  AND if(
    stated.dimension IN ('share', 'ratio'), one.dimension = two.dimension,
    stated.dimension = one.dimension || '/' || two.dimension
  )
  AND (one.low / two.high > stated.high * 1.03 OR one.high / two.low < stated.low * 0.97);

INSERT INTO found -- count_and_share_differ
WITH counted AS (
  SELECT count.region, count.indicator, count.year, count.role, count.scope, count.document,
    count.low / share.high AS low, count.high / share.low AS high,
    list_concat(count.rows, share.rows) AS rows, count.doubtful OR share.doubtful AS doubtful
  FROM levels AS count
  JOIN levels AS share ON share.indicator = 'share_of_' || count.indicator AND share.region = count.region
    AND share.year = count.year AND share.role = count.role AND share.scope IS NOT DISTINCT FROM count.scope
    AND share.document = count.document
  WHERE count.dimension = 'item' AND share.dimension = 'share' AND share.low > 0 AND count.low >= 0
    AND regexp_matches(count.name, '村|乡镇|街道|社区')
)
SELECT 'count_and_share_differ', 'arithmetic', if(target.doubtful OR actual.doubtful, 'low', 'medium'),
  list_concat(actual.rows, target.rows)
FROM counted AS target JOIN counted AS actual ON actual.region = target.region AND actual.indicator = target.indicator
  AND actual.year = target.year - 1 AND actual.scope IS NOT DISTINCT FROM target.scope
  AND actual.document = target.document
WHERE target.role = 'target' AND actual.role = 'actual' AND (target.low > actual.high OR target.high < actual.low);

INSERT INTO found -- below_reached, far_above_reached
WITH lasting AS (
  SELECT *, CASE
    WHEN dimension = 'age' THEN 0
    WHEN regexp_matches(name, '城镇化率|受教育年限') THEN 0.005
    WHEN regexp_matches(name, '每[百千万].*(人|口)') AND direction = 'higher' THEN 0.05
    WHEN regexp_matches(name, '余额|保有量') AND NOT regexp_matches(name, '债|不良|欠') THEN 0.3
  END AS slack
  FROM levels
),
aimed AS (
  SELECT target.*, if(own.document IS NULL, other.least, own.least) AS reached_least,
    coalesce(own.least_row, other.least_row) AS reached_row,
    if(own.document IS NULL, other.most, own.most) AS reached_most,
    coalesce(own.doubtful, other.doubtful) OR target.doubtful AS unsure,
    coalesce(own.plain, other.plain) AND target.plain AS sure,
    coalesce(own.most_row, other.most_row) AS reached_most_row
  FROM lasting AS target
  LEFT JOIN reached AS own ON own.region = target.region AND own.indicator = target.indicator
    AND own.year = target.year - 1 AND own.dimension = target.dimension AND own.scope IS NOT DISTINCT FROM target.scope
    AND own.document = target.document
  LEFT JOIN reached AS other ON own.document IS NULL AND other.preferred AND other.region = target.region
    AND other.indicator = target.indicator AND other.year = target.year - 1 AND other.dimension = target.dimension
    AND other.scope IS NOT DISTINCT FROM target.scope
  WHERE target.role = 'target' AND slack IS NOT NULL AND target.direction != 'lower'
)
SELECT 'below_reached', 'implausible',
  CASE WHEN unsure THEN 'low' WHEN sure AND (slack = 0 OR least < reached_least / 2) THEN 'high' ELSE 'medium' END,
  [least_row, reached_row]
FROM aimed WHERE least_comparator IN ('eq', 'approx') AND least < reached_least * (1 - slack)
UNION ALL
SELECT 'far_above_reached', 'implausible', if(unsure, 'low', 'medium'), [most_row, reached_most_row]
FROM aimed WHERE slack = 0.3 AND reached_most > 0 AND most > 5 * reached_most;

INSERT INTO found -- out_of_line
SELECT 'out_of_line', 'implausible',
  CASE
    WHEN target.doubtful OR actual.doubtful OR next.doubtful THEN 'low'
    WHEN target.plain AND actual.plain AND next.plain THEN 'high'
    ELSE 'medium'
  END,
  [target.most_row, actual.most_row, next.most_row]
FROM levels AS target
JOIN levels AS actual ON actual.role = 'actual' AND actual.preferred AND actual.region = target.region
  AND actual.indicator = target.indicator AND actual.year = target.year AND actual.dimension = target.dimension
  AND actual.scope IS NOT DISTINCT FROM target.scope
JOIN levels AS next ON next.role = 'target' AND next.preferred AND next.region = target.region
  AND next.indicator = target.indicator AND next.year = target.year + 1 AND next.dimension = target.dimension
  AND next.scope IS NOT DISTINCT FROM target.scope
WHERE target.role = 'target' AND target.preferred AND actual.low > 0 AND next.low > 0
  AND target.low > 2 * actual.high AND next.high < target.low / 2;

INSERT INTO found -- beyond_possible
WITH largest (dimension, level, most) AS ( -- more than the largest area has: of persons, yuan, square metres
  VALUES
    ('person', 'county', 1e7), ('person', 'prefecture', 4e7), ('person', 'province', 1.6e8),
    ('CNY', 'county', 1e13), ('CNY', 'prefecture', 5e13), ('CNY', 'province', 2e14),
    ('area', 'county', 2.2e11), ('area', 'prefecture', 5e11), ('area', 'province', 1.7e12)
),
bounded AS (
  SELECT numbers.*, CASE
    WHEN numbers.dimension = 'share' AND (
      regexp_matches(indicator, '^(share|proportion)_of_')
      OR regexp_matches(numbers.name, '占比|比重|覆盖率|普及率|合格率|达标率|优良率|失业率|城镇化率|绿化率|死亡率|分担率')
    ) THEN 1
    WHEN numbers.dimension = 'share' THEN 100
    WHEN numbers.dimension = 'length/area' THEN 0.02
    WHEN numbers.dimension = 'age' THEN 120
    WHEN numbers.dimension = 'CNY' AND starts_with(numbers.name, '人均') THEN 2e6
    ELSE largest.most
  END AS bound
  FROM numbers JOIN regions ON regions.code = region
  LEFT JOIN largest ON largest.dimension = numbers.dimension AND largest.level = regions.level::VARCHAR
  WHERE measure IN ('level', 'growth')
)
SELECT 'beyond_possible', 'implausible',
  CASE
    WHEN bool_or(NOT reviewed OR comparator = 'approx') THEN 'low'
    WHEN bool_and(tabled) THEN 'high'
    ELSE 'medium'
  END,
  min(ordinal, 10)
FROM bounded
WHERE CASE measure
  WHEN 'growth' THEN base < -1.0001 AND NOT regexp_matches(name, '利润|亏损|净|结余|顺差|逆差')
  ELSE base - step / 2 > bound AND comparator NOT IN ('le', 'lt')
END
GROUP BY region, indicator, scope, document;

INSERT INTO found -- unit_in_doubt
SELECT 'unit_in_doubt', 'implausible', if(bool_and(reviewed), 'medium', 'low'), min(ordinal, 10)
FROM numbers JOIN observations AS o USING (ordinal)
WHERE numbers.measure = 'level' AND o.unit_multiplier = 0
  AND regexp_matches(o.source_name, '(^|[^每年0-9一二三四五六七八九十百千亿])万(套|户|家|人|人次|吨|亩|台|辆|平方米)(\(\p{Han}\))?数?$')
GROUP BY numbers.region, numbers.indicator, numbers.scope, numbers.document;

INSERT INTO found -- rank_contradicted
WITH claims AS (
  SELECT o.*, o.value AS place, peers.parent AS above, peers.level AS peers_level,
    if(regexp_matches(o.quote, '增速|增幅|增[长長]'), 'growth', 'level') AS ranked
  FROM observations AS o JOIN regions AS peers ON peers.code = o.region
  JOIN regions AS above ON above.code = peers.parent
  WHERE o.measure = 'rank' AND o.role = 'actual' AND o.comparator = 'eq' AND o.value BETWEEN 1 AND 100
    AND peers.level != 'province' AND length(o.scope) > 1
    AND (
      o.scope = if(above.level = 'province', '全省', '全市')
      OR starts_with(above.name, o.scope)
    )
    AND NOT regexp_matches(o.quote, '降|改善|幅度|并列|並列|[县縣]|以上|以下|同[类類]|历史|歷史')
),
own AS (
  SELECT claims.*, numbers.low, numbers.high, numbers.step, numbers.dimension, numbers.ordinal AS number_row
  FROM claims JOIN numbers ON numbers.region = claims.region AND numbers.indicator = claims.indicator
    AND numbers.period = claims.period AND numbers.role = 'actual' AND numbers.measure::VARCHAR = claims.ranked
    AND numbers.scope IS NULL AND numbers.base_period IS NULL AND numbers.document = claims.document
    AND numbers.direction != 'lower'
  QUALIFY row_number() OVER (PARTITION BY claims.ordinal ORDER BY numbers.high DESC, numbers.ordinal) = 1
),
better AS (
  SELECT own.ordinal, own.number_row, own.place, numbers.ordinal AS other, numbers.reviewed
  FROM own JOIN regions ON regions.parent = own.above AND regions.level = own.peers_level AND regions.code != own.region
  JOIN numbers ON numbers.region = regions.code AND numbers.indicator = own.indicator AND numbers.period = own.period
    AND numbers.role = 'actual' AND numbers.measure::VARCHAR = own.ranked AND numbers.scope IS NULL
    AND numbers.base_period IS NULL AND numbers.dimension = own.dimension AND numbers.preferred
  WHERE numbers.low > own.high + 0.5 * greatest(own.step, numbers.step)
)
SELECT 'rank_contradicted', 'between_documents', if(bool_and(reviewed), 'medium', 'low'),
  list_concat([ordinal, number_row], min(other, 10))
FROM better GROUP BY ordinal, number_row, place HAVING count(*) >= place;

INSERT INTO discrepancies
SELECT row_number() OVER (ORDER BY region, year, category, indicator, id) AS ordinal, *
FROM (
  SELECT
    id || if(row_number() OVER same = 1, '', '-' || row_number() OVER same) AS id,
    * EXCLUDE (id, number)
  FROM (
    SELECT
      found.number,
      'd-' || found.kind || '-' || arg_min(o.id, o.ordinal) AS id,
      first(o.region ORDER BY o.ordinal) AS region,
      first(o.indicator ORDER BY o.ordinal) AS indicator,
      first(o.category ORDER BY o.ordinal) AS category,
      max(o.year) AS year,
      arg_max(o.period, o.year) AS period,
      first(o.role ORDER BY o.role, o.ordinal) AS role,
      first(o.measure ORDER BY o.measure DESC, o.ordinal) AS measure,
      first(o.scope ORDER BY o.ordinal) AS scope,
      found.kind::discrepancy_kind AS kind,
      found.severity::severity AS severity,
      found.reason AS reason,
      list_sort(list_distinct(list(o.ordinal))) AS observations,
      list_sort(list_distinct(list(o.document))) AS documents
    FROM (SELECT *, unnest(rows) AS row FROM (SELECT *, row_number() OVER () AS number FROM found)) AS found
    JOIN observations AS o ON o.ordinal = found.row
    GROUP BY found.number, found.kind, found.severity, found.reason
  )
  WINDOW same AS (PARTITION BY id ORDER BY reason, observations)
)
ORDER BY 1;

DROP TABLE found;
DROP VIEW reached;
DROP TABLE levels;
DROP TABLE told;
DROP TABLE numbers;
