-- Was the plan met: each preferred target beside the actual of the same region, indicator, period, measure, base and scope.
-- The loaders run it at publication for all that is known, the API for what was known on a day.
--
-- The rules, and why:
-- * Every preferred target is judged once, against the preferred actual of the same region, indicator, period, measure,
--   base and scope: two statements that differ in any of these are not about the same thing.
-- * A target of a whole year is never judged by a part of it, nor one of the last year of a plan by an earlier year: it is
--   open until its own period is reported.
-- * A scope that only repeats what the indicator's name says narrows nothing, and is passed over.
-- * A plain target of an indicator where higher is better is a lower bound, where lower is better an upper one: who plans
--   8.5% does not mind 9%. Of a neutral indicator it is met where it is reached within the tolerance.
-- * 以上 and 以内 are bounds whatever the direction, as the document says which way it means.
-- * Of a range the end that binds counts: the lower one where higher is better, the upper one where lower is better, both
--   of a neutral indicator. The gap is the distance to that end.
-- * 左右 has a tolerance to the worse side: half a point for percentages, else 5 percent of the target. The word gives no
--   number, and this is what figures rounded for a plan differ by.
-- * A rank is better the smaller it is, whatever the indicator.
-- * Of an indicator that nobody has reviewed it is not known which way is better. A planned rise or fall tells it by its
--   sign; a level is met within the tolerance, and beyond it nothing is said.
-- * A comparator of the actual makes it a bound, which decides only what it can: 超过7% meets a target of 7%, not one of 8%.
-- * 与经济增长同步 is met where the growth is at most half a point below that of gross regional product of the same region
--   and period, as the word means about the same; 高于经济增长 where it is above.
-- * 快于面上 is met where the growth is above that of the whole that the indicator is a part of (wholes.csv); 高于全省 and
--   高于全市 where it is above that of the province or prefecture.
-- * 城乡居民收入 is said of urban and of rural residents, so what is planned of it must be reached by each (parts.csv).
--   Where only these two are known and the name is of all residents, the growth lies between the two: it decides where
--   both are on one side of the target.
-- * 完成上级下达目标 is met as reported, where the document says so: the figure itself is not public.
-- * 稳步提升, 下降 and 缩小 are met by a change in that direction, be it told as a growth, a change, in words, or by the
--   level of the year before. Of an indicator where higher is better a gap narrows when it rises. 持平 is met by what is
--   no worse than the year before; 持平 of a growth is a growth of 0.
-- * Where there is no actual of the measure one is derived, and says so with the observations it rests on: a growth, an
--   average growth or a change from the levels at both ends; a level from another level and the growth, average growth or
--   change between the two; a growth from a change and a level, and a change from a growth and a level.
-- * A ratio is derived from what it divides, and its growth from their growths (ratios.csv). Only where the definitions
--   agree: product per head divides by the average population, which is not the one at the end of the year. Growths of
--   value added are at constant prices, so the growth of a share in gross regional product does not follow from them.
-- * A price index with the year before as 100 and the rise of prices are one number: 102 is a growth of 2 percent.
-- * Nothing is derived from a bound or a range, from a rank, or over another scope. A derived number is rounded to two
--   decimals, or to as many as the target has: its inputs were rounded too.
-- * Levels are at current prices, and the growth of a product is stated at constant ones: what is derived differs by the
--   prices. So what is stated always comes first.
-- * The gap is the actual less the target, in the target's unit; of a relative target less what it looks at.
-- * With `as_of` all this is done with what documents published by then say.
-- * Each outcome has a reason, one of the list `assessment_reasons` of `/v1/codes`; what they mean:
-- * number: a number is compared with a number.
-- * derived: the actual is not stated in the target's measure and was derived from other observations.
-- * relative: the growth is compared with the growth that the target names.
-- * direction: the target names only a direction, and what is known shows which way it went.
-- * as_reported: the target was assigned and is not public, and the document says that it was reached.
-- * no_actual: nothing is reported yet, so the target is open.
-- * no_number: the actual is in words, the target in numbers.
-- * no_reference: what the target names is not known: the growth of the economy or of the whole, or the year before.
-- * target_not_stated: the target was assigned and is not public, so the actual cannot be held against it.
-- * bound: the actual is a bound, or lies between two numbers, and the target lies beyond.
-- * no_direction: the target was not hit, and it is not known which way is better.
-- * other_unit: the units do not convert into each other.
-- * other_scope: the actual is of another scope, which is not the same thing.
-- * other_measure: the actual is of another measure, and what would be needed to convert it is not known.
-- * wording: the target is in words that are neither a direction nor a comparison.
-- * discontinued: the document says that the indicator is no longer kept.
-- * unavailable: the document says that there are no data.

-- How many targets of a region and year were met, missed and open, by category; ``assessments`` is the table, or what a
-- query puts in its place.
CREATE MACRO summarised() AS TABLE
SELECT
  region,
  year,
  list(
    {
      'category': category, 'targets': targets, 'met': met, 'missed': missed, 'open': open,
      'not_comparable': not_comparable
    }
    ORDER BY category NULLS LAST
  ) AS categories
FROM (
  SELECT
    region,
    year,
    category,
    count(*) AS targets,
    count(*) FILTER (outcome = 'met') AS met,
    count(*) FILTER (outcome = 'missed') AS missed,
    count(*) FILTER (outcome = 'open') AS open,
    count(*) FILTER (outcome = 'not_comparable') AS not_comparable
  FROM assessments
  GROUP BY region, year, category
) AS counted
GROUP BY region, year;

CREATE MACRO year_before(period) AS CASE
  WHEN contains(period, '/') THEN concat(
    left(period, 4)::INTEGER - 1, substr(split_part(period, '/', 1), 5), '/',
    left(split_part(period, '/', 2), 4)::INTEGER - 1, substr(split_part(period, '/', 2), 5)
  )
  ELSE concat(left(period, 4)::INTEGER - 1, substr(period, 5))
END;

CREATE MACRO with_others(ids, others) AS list_concat(ids, list_filter(others, lambda one: NOT list_contains(ids, one)));

CREATE MACRO assessed(day) AS TABLE
WITH
told AS (
  SELECT * FROM observations WHERE day IS NULL AND preferred
  UNION ALL
  SELECT * FROM known(day) WHERE day IS NOT NULL AND preferred
),
told_as AS (
  SELECT told.* REPLACE (CASE WHEN NOT contains(indicators.name, told.scope) THEN told.scope END AS scope),
    told.scope AS said_scope,
    indicators.direction,
    indicators.reviewed,
    conversions.dimension AS unit_dimension,
    coalesce(conversions.ratio, 1) * pow(10::DOUBLE, coalesce(told.unit_multiplier, 0)) AS unit_ratio,
    told.measure = 'level' AND told.value BETWEEN 50 AND 200 AND coalesce(told.unit, 'percent') = 'percent'
      AND told.indicator IN (SELECT indicator FROM ratios WHERE denominator IS NULL) AS indexed
  FROM told JOIN indicators ON indicators.id = told.indicator LEFT JOIN conversions ON conversions.unit = told.unit
),
measured AS (
  SELECT told_as.* REPLACE (coalesce(indexed, false) AS indexed),
    if(indexed, 'growth', measure::VARCHAR) AS kind,
    CASE WHEN stance = 'flat' AND measure = 'growth' THEN 0 WHEN indexed THEN value - 100 ELSE value END AS number,
    if(indexed, value_high - 100, value_high) AS number_high,
    CASE
      WHEN indexed OR measure IN ('growth', 'average_growth') AND coalesce(unit_dimension, 'ratio') = 'ratio' THEN 'share'
      ELSE coalesce(unit_dimension, unit, 'ratio')
    END AS dimension,
    if(indexed, 0.01, unit_ratio) AS ratio,
    if(measure = 'average_growth', right(period, 4), period) AS ended,
    coalesce(base_period, CASE
      WHEN measure != 'average_growth' THEN year_before(period)
      WHEN contains(period, '/') THEN year_before(left(period, 4))
    END) AS base,
    measure != 'average_growth' AND (base_period IS NULL OR base_period = year_before(period)) AS usual,
    year - try_cast(left(base, 4) AS INTEGER) AS years
  FROM told_as
),
reported_once AS (SELECT * FROM measured WHERE role = 'actual' AND NOT indexed AND base_period IS NULL AND scope IS NOT DISTINCT FROM said_scope),
actuals AS (
  SELECT * FROM reported_once
  UNION ALL
  SELECT * FROM ( -- what comes to the same though it is said otherwise
    SELECT * FROM measured
    WHERE role = 'actual' AND (indexed OR base_period IS NOT NULL OR scope IS DISTINCT FROM said_scope)
    QUALIFY row_number() OVER (
      PARTITION BY region, indicator, period, kind, base, scope ORDER BY indexed, ordinal
    ) = 1
  ) AS again
  WHERE NOT EXISTS (
    SELECT 1 FROM reported_once AS once
    WHERE once.region = again.region AND once.indicator = again.indicator AND once.period = again.period
      AND once.kind = again.kind AND once.base IS NOT DISTINCT FROM again.base AND once.scope IS NOT DISTINCT FROM again.scope
  )
),
exact AS ( -- what another number may be derived from
  SELECT region, indicator, scope, kind, period, ended, base, usual, years, dimension, number * ratio AS amount, [id] AS ids
  FROM actuals
  WHERE kind != 'rank' AND number IS NOT NULL AND coalesce(comparator, 'eq') IN ('eq', 'approx')
),
solid AS ( -- levels as stated, and as one by another
  SELECT region, indicator, scope, period, dimension, amount, ids, 0 AS rank FROM exact WHERE kind = 'level' AND usual
  UNION ALL
  SELECT
    one.region, ratios.indicator, one.scope, one.period,
    CASE
      WHEN one.dimension != two.dimension THEN one.dimension || '/' || two.dimension
      ELSE if(indicators.unit = 'percent', 'share', 'ratio')
    END,
    one.amount / two.amount, list_concat(one.ids, two.ids), 1
  FROM ratios
  JOIN indicators ON indicators.id = ratios.indicator
  JOIN exact AS one ON one.kind = 'level' AND one.usual AND one.indicator = ratios.numerator
  JOIN exact AS two ON two.kind = 'level' AND two.usual AND two.indicator = ratios.denominator AND two.region = one.region
    AND two.period = one.period AND two.scope IS NOT DISTINCT FROM one.scope
  WHERE two.amount > 0
),
growths AS ( -- as stated, and of one against that of another
  SELECT region, indicator, scope, period, base, usual, amount, ids, 0 AS rank FROM exact WHERE kind = 'growth'
  UNION ALL
  SELECT
    one.region, ratios.indicator, one.scope, one.period, one.base, one.usual,
    (1 + one.amount) / (1 + two.amount) - 1, list_concat(one.ids, two.ids), 1
  FROM ratios
  JOIN exact AS one ON one.kind = 'growth' AND one.indicator = ratios.numerator
  JOIN exact AS two ON two.kind = 'growth' AND two.indicator = ratios.denominator AND two.region = one.region
    AND two.period = one.period AND two.base = one.base AND two.scope IS NOT DISTINCT FROM one.scope
  WHERE ratios.growths AND two.amount > -1
),
moves AS ( -- from the level of one period to that of a later one
  SELECT region, indicator, scope, base, period AS ended, 1 + amount AS factor, 0 AS step, 'share' AS dimension, ids
  FROM growths
  UNION ALL
  SELECT region, indicator, scope, base, ended, pow(1 + amount, years), 0, 'share', ids
  FROM exact WHERE kind = 'average_growth' AND years > 0 AND amount > -1
  UNION ALL
  SELECT region, indicator, scope, base, ended, 1, amount, if(dimension = 'share_change', 'share', dimension), ids
  FROM exact WHERE kind = 'change'
),
levels AS (
  SELECT region, indicator, scope, period, dimension, amount, ids FROM solid WHERE rank = 0
  UNION ALL
  SELECT region, indicator, scope, period, dimension, amount, ids FROM (
    SELECT * FROM solid WHERE rank > 0
    UNION ALL
    SELECT
      solid.region, solid.indicator, solid.scope, moves.ended, solid.dimension, solid.amount * factor + step,
      list_concat(moves.ids, solid.ids), 2
    FROM moves JOIN solid ON solid.region = moves.region AND solid.indicator = moves.indicator
      AND solid.period = moves.base AND solid.scope IS NOT DISTINCT FROM moves.scope
    WHERE step = 0 OR moves.dimension = solid.dimension
    UNION ALL
    SELECT
      solid.region, solid.indicator, solid.scope, moves.base, solid.dimension, (solid.amount - step) / factor,
      list_concat(moves.ids, solid.ids), 3
    FROM moves JOIN solid ON solid.region = moves.region AND solid.indicator = moves.indicator
      AND solid.period = moves.ended AND solid.scope IS NOT DISTINCT FROM moves.scope
    WHERE factor > 0 AND (step = 0 OR moves.dimension = solid.dimension)
  ) AS made
  WHERE NOT EXISTS (
    SELECT 1 FROM solid
    WHERE solid.rank = 0 AND solid.region = made.region AND solid.indicator = made.indicator
      AND solid.period = made.period AND solid.scope IS NOT DISTINCT FROM made.scope
  )
  QUALIFY row_number() OVER (PARTITION BY region, indicator, scope, period ORDER BY rank, ids) = 1
),
referred AS ( -- what a growth may be held against, or be made of
  SELECT 'gross_regional_product' AS indicator UNION SELECT whole FROM wholes UNION SELECT part FROM parts
),
steps AS ( -- how the year before was left behind, as a fraction of it; from levels only where others look at it
  SELECT region, indicator, scope, period, amount AS fraction, amount AS step, ids, rank, true AS own
  FROM growths
  WHERE usual
  UNION ALL
  SELECT region, indicator, scope, period, NULL, amount, ids, 3, true FROM exact WHERE kind = 'change' AND usual
  UNION ALL
  SELECT
    now.region, now.indicator, now.scope, now.period, now.amount / was.amount - 1, now.amount - was.amount,
    with_others(now.ids, was.ids), 2, now.indicator IN (SELECT indicator FROM referred)
  FROM levels AS now
  JOIN levels AS was ON was.region = now.region AND was.indicator = now.indicator
    AND was.period = year_before(now.period) AND was.scope IS NOT DISTINCT FROM now.scope
    AND was.dimension = now.dimension
  WHERE was.amount > 0 AND now.indicator IN (
    SELECT indicator FROM referred
    UNION SELECT indicator FROM measured WHERE role = 'target' AND stance = 'above_overall'
  )
),
paces AS ( -- of a target's own indicator: what others plan of it elsewhere changes nothing
  SELECT * FROM steps
  WHERE own
  QUALIFY row_number() OVER (PARTITION BY region, indicator, scope, period ORDER BY rank, ids) = 1
),
overall AS ( -- of what a target is held against
  SELECT * FROM steps
  QUALIFY row_number() OVER (PARTITION BY region, indicator, scope, period ORDER BY rank, ids) = 1
),
economy AS ( -- one for a region and period
  SELECT * FROM paces WHERE indicator = 'gross_regional_product' AND fraction IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY region, period ORDER BY scope IS NOT NULL, scope) = 1
),
apart AS ( -- of what stands for several, where each is known
  SELECT
    paces.region, parts.indicator, paces.scope, paces.period, parts.word,
    min(fraction) AS least, max(fraction) AS most, flatten(list(ids ORDER BY parts.part)) AS ids
  FROM (SELECT *, count(*) OVER (PARTITION BY indicator) AS wanted FROM parts) AS parts
  JOIN paces ON paces.indicator = parts.part
  WHERE fraction IS NOT NULL
  GROUP BY ALL
  HAVING count(*) = any_value(wanted)
),
aimed AS (
  SELECT target.*,
    CASE
      WHEN target.kind = 'rank' THEN 'lower'
      WHEN target.reviewed OR target.direction != 'neutral' THEN target.direction::VARCHAR
      WHEN target.kind = 'level' OR target.number = 0 OR target.number IS NULL THEN 'unknown'
      ELSE if(target.number > 0, 'higher', 'lower')
    END AS better,
    coalesce(nullif(CASE
      WHEN target.stance != 'above_overall' THEN NULL
      WHEN regexp_matches(target.quote, '全省|省平均|省均') THEN left(target.region, 2) || '0000'
      WHEN regexp_matches(target.quote, '全市|市平均|市均') THEN left(target.region, 4) || '00'
    END, target.region), target.region) AS place
  FROM measured AS target
  WHERE target.role = 'target'
),
paired AS ( -- with the actual, and with what can stand for it
  SELECT
    target.*,
    actual.id AS actual,
    actual.ordinal AS actual_row,
    actual.indexed AS actual_indexed,
    actual.number AS actual_number,
    actual.number_high AS actual_high,
    actual.comparator AS actual_comparator,
    actual.stance AS actual_stance,
    actual.unit AS actual_unit,
    actual.unit_multiplier AS actual_multiplier,
    actual.dimension AS actual_dimension,
    actual.ratio AS actual_ratio,
    now.amount AS now_amount,
    now.dimension AS now_dimension,
    now.ids AS now_ids,
    was.amount AS was_amount,
    was.dimension AS was_dimension,
    was.ids AS was_ids,
    pace.fraction AS pace_fraction,
    pace.step AS pace_step,
    pace.ids AS pace_ids,
    apart.least AS part_least,
    apart.most AS part_most,
    apart.ids AS part_ids,
    contains(target.source_name, apart.word) AS each,
    coalesce(whole.ids, plain.ids, economy.ids) AS reference_ids,
    coalesce(whole.fraction, plain.fraction, economy.fraction) * 100 AS reference_number,
    scoped.row AS other_scope,
    other.row AS other_measure,
    reported.row AS reported
  FROM aimed AS target
  LEFT JOIN actuals AS actual ON actual.region = target.region AND actual.indicator = target.indicator
    AND actual.period = target.period AND actual.kind = target.kind
    AND actual.base IS NOT DISTINCT FROM target.base AND actual.scope IS NOT DISTINCT FROM target.scope
  LEFT JOIN levels AS now ON (actual.number IS NULL OR target.stance IS NOT NULL) AND now.region = target.region AND now.indicator = target.indicator
    AND now.period = target.ended AND now.scope IS NOT DISTINCT FROM target.scope
  LEFT JOIN levels AS was ON (actual.number IS NULL OR target.stance IS NOT NULL) AND was.region = target.region AND was.indicator = target.indicator
    AND was.period = target.base AND was.scope IS NOT DISTINCT FROM target.scope
  LEFT JOIN paces AS pace ON (actual.number IS NULL OR target.stance IS NOT NULL) AND target.usual
    AND pace.region = target.region AND pace.indicator = target.indicator
    AND pace.period = target.period AND pace.scope IS NOT DISTINCT FROM target.scope
  LEFT JOIN apart ON target.kind = 'growth' AND target.usual AND apart.region = target.region
    AND apart.indicator = target.indicator AND apart.period = target.period
    AND apart.scope IS NOT DISTINCT FROM target.scope
    AND (actual.number IS NULL AND pace.ids IS NULL OR target.stance IS NOT NULL AND contains(target.source_name, apart.word))
  LEFT JOIN economy ON target.stance IN ('in_line_with_growth', 'above_growth') AND target.kind = 'growth'
    AND economy.region = target.region AND economy.period = target.period
  LEFT JOIN wholes ON target.stance = 'above_overall' AND target.place = target.region
    AND wholes.indicator = target.indicator
  LEFT JOIN overall AS whole ON target.stance = 'above_overall' AND target.kind = 'growth'
    AND whole.indicator = coalesce(wholes.whole, if(target.place != target.region, target.indicator, NULL))
    AND whole.region = target.place AND whole.period = target.period AND whole.scope IS NOT DISTINCT FROM target.scope
  LEFT JOIN overall AS plain ON target.stance = 'above_overall' AND target.kind = 'growth'
    AND plain.indicator = coalesce(wholes.whole, if(target.place != target.region, target.indicator, NULL))
    AND plain.region = target.place AND plain.period = target.period AND plain.scope IS NULL
  LEFT JOIN (
    SELECT region, indicator, period, kind, base, min(ordinal) AS row FROM actuals GROUP BY ALL
  ) AS scoped ON actual.id IS NULL AND scoped.region = target.region AND scoped.indicator = target.indicator
    AND scoped.period = target.period AND scoped.kind = target.kind AND scoped.base IS NOT DISTINCT FROM target.base
  LEFT JOIN (
    SELECT region, indicator, period, scope, min(ordinal) AS row FROM actuals WHERE kind != 'rank' GROUP BY ALL
  ) AS other ON actual.id IS NULL AND target.kind != 'rank' AND other.region = target.region
    AND other.indicator = target.indicator AND other.period = target.period
    AND other.scope IS NOT DISTINCT FROM target.scope
  LEFT JOIN ( -- that it was done as assigned may be said beside a number that is preferred
    SELECT region, indicator, period, scope, min(ordinal) AS row FROM observations -- not the preferred alone
    WHERE role = 'actual' AND stance = 'as_assigned' AND (day IS NULL OR known_on <= day)
    GROUP BY ALL
  ) AS reported ON target.stance = 'as_assigned' AND reported.region = target.region
    AND reported.indicator = target.indicator AND reported.period = target.period
    AND reported.scope IS NOT DISTINCT FROM target.said_scope
),
resolved AS ( -- what was reached: as stated in the target's unit, or derived in base units
  SELECT *,
    if(number IS NULL, 0.01, ratio) AS scale,
    if(now_dimension = was_dimension, now_amount - was_amount, NULL) AS moved,
    CASE
      WHEN kind = 'level' AND now_dimension = dimension THEN now_amount
      WHEN kind = 'growth' AND usual AND pace_fraction IS NOT NULL THEN pace_fraction
      WHEN kind = 'growth' AND now_dimension = was_dimension AND was_amount > 0 THEN now_amount / was_amount - 1
      WHEN kind = 'average_growth' AND now_dimension = was_dimension AND was_amount > 0 AND now_amount > 0 AND years > 0
        THEN pow(now_amount / was_amount, 1 / years) - 1
      WHEN kind = 'change' AND was_dimension = if(dimension = 'share_change', 'share', dimension) THEN moved
    END AS derived,
    CASE
      WHEN actual_number IS NULL THEN NULL
      WHEN number IS NULL OR actual_stance IS NOT NULL
        THEN if(actual_dimension = 'share', round(actual_number * actual_ratio * 100, 6)::DECIMAL(24, 6), actual_number)
      WHEN actual_unit IS NOT DISTINCT FROM unit AND actual_indexed = indexed
        AND coalesce(actual_multiplier, 0) = coalesce(unit_multiplier, 0) THEN actual_number
      WHEN actual_dimension = dimension THEN round(actual_number * actual_ratio / ratio, 6)::DECIMAL(24, 6)
    END AS stated,
    CASE WHEN number IS NULL OR number = round(number, 2) THEN 2 WHEN number = round(number, 4) THEN 4 ELSE 6 END AS decimals,
    if(indexed OR unit IN ('percent', 'percentage_point'), 0.5, abs(number) * 0.05) AS tolerance,
    CASE stance
      WHEN 'rise' THEN 1
      WHEN 'moderate_growth' THEN 1
      WHEN 'fall' THEN -1
      WHEN 'narrow' THEN if(better = 'higher', 1, -1)
      WHEN 'flat' THEN 0
    END AS wanted,
    CASE
      WHEN kind IN ('growth', 'average_growth', 'change') AND actual_number IS NOT NULL THEN sign(actual_number)
      WHEN actual_stance IN ('rise', 'moderate_growth') THEN 1
      WHEN actual_stance = 'fall' THEN -1
      WHEN actual_stance = 'narrow' THEN if(better = 'higher', 1, -1)
      WHEN actual_stance = 'flat' THEN 0
    END AS shown
  FROM paired
),
reached AS (
  SELECT *,
    part_ids IS NULL AND stated IS NOT NULL AS is_stated,
    CASE
      WHEN part_ids IS NOT NULL THEN round(part_least / scale, decimals)
      WHEN stated IS NULL THEN round(derived / scale, decimals)
      ELSE stated
    END::DECIMAL(24, 6) AS reached,
    CASE WHEN part_ids IS NOT NULL THEN round(part_most / scale, decimals) END::DECIMAL(24, 6) AS reached_high,
    CASE
      WHEN part_ids IS NOT NULL THEN part_ids
      WHEN stated IS NOT NULL THEN if(indexed != actual_indexed, [actual], [])
      WHEN derived IS NULL THEN []
      WHEN kind = 'growth' AND usual AND pace_fraction IS NOT NULL THEN pace_ids
      WHEN kind = 'level' THEN now_ids
      ELSE with_others(now_ids, was_ids)
    END AS inputs
  FROM resolved
),
bounded AS ( -- the target as bounds that are held from below, from above, or both; the actual as what it can be at least and at most
  SELECT *,
    CASE
      WHEN stance = 'in_line_with_growth' THEN reference_number - 0.5
      WHEN stance IN ('above_growth', 'above_overall') THEN reference_number
      WHEN comparator IN ('ge', 'gt') THEN number
      WHEN comparator IN ('le', 'lt') OR better = 'lower' THEN NULL
      WHEN comparator = 'approx' OR (better IN ('neutral', 'unknown') AND comparator = 'eq') THEN number - tolerance
      ELSE number
    END AS least,
    CASE
      WHEN comparator IN ('le', 'lt') THEN number
      WHEN comparator IN ('ge', 'gt') OR better = 'higher' THEN NULL
      WHEN comparator = 'range' THEN number_high
      WHEN comparator = 'approx' OR (better IN ('neutral', 'unknown') AND comparator = 'eq') THEN number + tolerance
      ELSE number
    END AS most,
    coalesce(stance IN ('above_growth', 'above_overall'), false) OR coalesce(comparator IN ('gt', 'lt'), false) AS beyond,
    if(is_stated AND actual_comparator IN ('le', 'lt'), '-infinity'::DOUBLE, reached) AS low,
    CASE
      WHEN is_stated AND actual_comparator IN ('ge', 'gt') THEN 'infinity'::DOUBLE
      WHEN is_stated AND actual_comparator = 'range' THEN actual_high
      ELSE if(each, reached, coalesce(reached_high, reached))
    END AS high
  FROM reached
),
weighed AS (
  SELECT *,
    CASE
      WHEN reached IS NULL OR least IS NULL AND most IS NULL THEN NULL
      WHEN high < least OR beyond AND high = least THEN 'missed'
      WHEN low > most OR beyond AND low = most THEN 'missed'
      WHEN (least IS NULL OR low > least OR NOT beyond AND low = least)
        AND (most IS NULL OR high < most OR NOT beyond AND high = most) THEN 'met'
      ELSE 'undecided'
    END AS verdict,
    coalesce(shown, sign(pace_step), sign(moved)) AS turned
  FROM bounded
),
judged AS (
  SELECT *,
    CASE
      WHEN actual_stance IN ('discontinued', 'unavailable') THEN actual_stance::VARCHAR
      WHEN stance IN ('discontinued', 'unavailable') THEN stance::VARCHAR
      WHEN reported IS NOT NULL THEN 'as_reported'
      WHEN stance = 'as_assigned' AND coalesce(actual_row, other_measure) IS NOT NULL THEN 'target_not_stated'
      WHEN stance = 'other' AND coalesce(actual_row, other_measure) IS NOT NULL THEN 'wording'
      WHEN stance IN ('in_line_with_growth', 'above_growth', 'above_overall') AND reached IS NOT NULL
        THEN CASE WHEN reference_number IS NULL THEN 'no_reference' WHEN verdict = 'undecided' THEN 'bound' ELSE 'relative' END
      WHEN wanted IS NOT NULL AND turned IS NOT NULL THEN 'direction'
      WHEN wanted IS NOT NULL AND actual IS NOT NULL THEN 'no_reference'
      WHEN verdict = 'undecided' THEN 'bound'
      WHEN verdict = 'missed' AND better = 'unknown' AND comparator IN ('eq', 'approx', 'range') THEN 'no_direction'
      WHEN verdict IS NOT NULL THEN if(len(inputs) > 0, 'derived', 'number')
      WHEN actual_stance IS NOT NULL THEN 'no_number'
      WHEN actual IS NOT NULL THEN 'other_unit'
      WHEN other_scope IS NOT NULL THEN 'other_scope'
      WHEN other_measure IS NOT NULL THEN 'other_measure'
      ELSE 'no_actual'
    END AS reason
  FROM weighed
)
SELECT
  'a-' || id AS id,
  region, indicator, category, year, period, measure, base_period, said_scope AS scope, designation, document,
  ordinal AS target,
  coalesce(reported, actual_row, CASE
    WHEN reason = 'other_scope' THEN other_scope
    WHEN reason IN ('other_measure', 'target_not_stated', 'wording') THEN other_measure
  END) AS actual,
  CASE reason
    WHEN 'no_actual' THEN 'open'
    WHEN 'as_reported' THEN 'met'
    WHEN 'number' THEN verdict
    WHEN 'derived' THEN verdict
    WHEN 'relative' THEN verdict
    WHEN 'direction' THEN
      if(turned = wanted OR wanted = 0 AND better = if(turned > 0, 'higher', 'lower'), 'met', 'missed')
    ELSE 'not_comparable'
  END AS outcome,
  reason,
  CASE
    WHEN reason = 'relative' THEN reached - reference_number
    WHEN reason NOT IN ('number', 'derived', 'no_direction') THEN NULL
    WHEN comparator != 'range' OR better = 'higher' THEN reached - number
    WHEN better = 'lower' THEN reached - number_high
    ELSE reached - greatest(number, least(reached, number_high))
  END::DECIMAL(24, 6) AS gap,
  unit, unit_multiplier, unit_label,
  CASE
    WHEN reason = 'direction' AND shown IS NOT NULL THEN NULL
    WHEN reason = 'direction' AND pace_step IS NOT NULL THEN round(pace_fraction * 100, 2)
    WHEN reason = 'direction' THEN if(was_amount > 0, round(moved / was_amount * 100, 2), NULL)
    WHEN len(inputs) > 0 THEN reached + if(indexed, 100, 0)
  END::DECIMAL(24, 6) AS derived_value,
  CASE
    WHEN reason = 'direction' AND shown IS NOT NULL THEN []
    WHEN reason = 'direction' THEN if(pace_step IS NOT NULL, pace_ids, with_others(now_ids, was_ids))
    WHEN reason = 'relative' THEN with_others(inputs, reference_ids)
    ELSE inputs
  END AS derived_from
FROM judged;
