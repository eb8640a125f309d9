-- Was the plan met: each preferred target beside the actual of the same region, indicator, period, measure, base and scope.
-- The loaders run it at publication for all that is known, the API for what was known on a day.
-- Each outcome and reason is told in codes.csv, lists outcomes and assessment_reasons.
--
-- The rules, and why:
-- * A plain target of an indicator where higher is better is a lower bound, where lower is better an upper one: who plans
--   8.5% does not mind 9%. Of a neutral one it is met where it is reached about so.
-- * 以上 and 以内 are bounds whatever the direction. Of a range the end that binds counts.
-- * 左右 has a tolerance to the worse side: half a point for percentages, else 5 percent of the target.
-- * A comparator of the actual makes it a bound: where that decides nothing, the two are not comparable.
-- * 与经济增长同步 is met where the growth is at most half a point below that of gross regional product, 高于经济增长 where it
--   is above, 快于面上 where it is above that of the whole (wholes.csv).
-- * 完成上级下达目标 is met as reported, where the document says so: the figure itself is not public.
-- * Where there is no actual of the measure, a growth is derived from two levels, a level from the level before and a growth.
-- * 持平 of a growth is a growth of 0.
-- * The gap is the actual less the target, in the target's unit; of a relative target less what it looks at.

CREATE MACRO assessed(day) AS TABLE
WITH
told AS (
  SELECT * FROM observations
  WHERE CASE WHEN day IS NULL THEN preferred ELSE known_on <= day END
  QUALIFY day IS NULL OR row_number() OVER (
    PARTITION BY region, indicator, period, role, measure, base_period, scope
    ORDER BY status IS NOT DISTINCT FROM 'estimated', known_on DESC, "table" IS NULL, quote_start, ordinal
  ) = 1
),
measured AS (
  SELECT told.*,
    coalesce(conversions.dimension, told.unit, CASE WHEN told.stance = 'flat' THEN 'share' ELSE 'ratio' END) AS dimension,
    coalesce(conversions.ratio, 1) * pow(10::DOUBLE, coalesce(told.unit_multiplier, 0)) AS ratio,
    -- 持平 of a growth is a growth of 0
    CASE WHEN told.stance = 'flat' AND told.measure = 'growth' THEN 0 ELSE told.value END AS number
  FROM told LEFT JOIN conversions USING (unit)
),
actuals AS (SELECT * FROM measured WHERE role = 'actual'),
levels AS (
  SELECT * FROM actuals
  WHERE measure = 'level' AND number IS NOT NULL AND period = year::VARCHAR AND base_period IS NULL
),
growths AS (SELECT * FROM actuals WHERE measure = 'growth' AND number IS NOT NULL AND base_period IS NULL),
economy AS ( -- the growth of the economy, one for a region and period
  SELECT * FROM growths WHERE indicator = 'gross_regional_product'
  QUALIFY row_number() OVER (PARTITION BY region, period ORDER BY scope IS NOT NULL, ordinal) = 1
),
paired AS ( -- with the actual, else with what it can be derived from
  SELECT
    target.*,
    indicators.direction,
    actual.id AS actual,
    actual.ordinal AS actual_row,
    actual.number AS actual_number,
    actual.value_high AS actual_high,
    actual.comparator AS actual_comparator,
    actual.stance AS actual_stance,
    actual.unit AS actual_unit,
    actual.unit_multiplier AS actual_multiplier,
    actual.dimension AS actual_dimension,
    actual.ratio AS actual_ratio,
    level.id AS level_id,
    level.number * level.ratio AS level_number,
    level.dimension AS level_dimension,
    before.id AS before_id,
    before.number * before.ratio AS before_number,
    before.dimension AS before_dimension,
    grown.id AS grown_id,
    grown.number AS grown_number,
    coalesce(whole.id, economy.id) AS reference_id,
    coalesce(whole.number, economy.number) AS reference_number,
    other.row AS other_scope,
    reported.row AS reported
  FROM measured AS target
  JOIN indicators ON indicators.id = target.indicator
  LEFT JOIN actuals AS actual ON actual.region = target.region AND actual.indicator = target.indicator
    AND actual.period = target.period AND actual.measure = target.measure
    AND actual.base_period IS NOT DISTINCT FROM target.base_period AND actual.scope IS NOT DISTINCT FROM target.scope
  LEFT JOIN levels AS level ON actual.id IS NULL AND level.region = target.region AND level.indicator = target.indicator
    AND level.period = target.period AND level.scope IS NOT DISTINCT FROM target.scope AND target.base_period IS NULL
  LEFT JOIN levels AS before ON actual.id IS NULL AND before.region = target.region AND before.indicator = target.indicator
    AND target.period = target.year::VARCHAR AND before.year = target.year - 1
    AND before.scope IS NOT DISTINCT FROM target.scope AND target.base_period IS NULL
  LEFT JOIN growths AS grown ON actual.id IS NULL AND grown.region = target.region
    AND grown.indicator = target.indicator AND grown.period = target.period
    AND grown.scope IS NOT DISTINCT FROM target.scope
  LEFT JOIN economy ON target.stance IN ('in_line_with_growth', 'above_growth')
    AND economy.region = target.region AND economy.period = target.period
  LEFT JOIN wholes ON target.stance = 'above_overall' AND wholes.indicator = target.indicator
  LEFT JOIN growths AS whole ON whole.indicator = wholes.whole AND whole.region = target.region
    AND whole.period = target.period AND whole.scope IS NOT DISTINCT FROM target.scope
  LEFT JOIN (
    SELECT region, indicator, period, measure, base_period, min(ordinal) AS row FROM actuals GROUP BY ALL
  ) AS other ON actual.id IS NULL AND other.region = target.region AND other.indicator = target.indicator
    AND other.period = target.period AND other.measure = target.measure
    AND other.base_period IS NOT DISTINCT FROM target.base_period
  LEFT JOIN ( -- that it was done as assigned may be said beside a number that is preferred
    SELECT region, indicator, period, scope, min(ordinal) AS row FROM observations
    WHERE role = 'actual' AND stance = 'as_assigned' AND (day IS NULL OR known_on <= day)
    GROUP BY ALL
  ) AS reported ON target.stance = 'as_assigned' AND reported.region = target.region
    AND reported.indicator = target.indicator AND reported.period = target.period
    AND reported.scope IS NOT DISTINCT FROM target.scope
  WHERE target.role = 'target'
),
reached AS ( -- what was reached, in the target's unit: as stated, or derived
  SELECT *,
    CASE
      WHEN actual_number IS NOT NULL AND (actual_unit, coalesce(actual_multiplier, 0)) IS NOT DISTINCT FROM (unit, coalesce(unit_multiplier, 0))
        THEN actual_number
      WHEN actual_number IS NOT NULL AND (value IS NULL OR actual_stance IS NOT NULL) THEN actual_number
      WHEN actual_number IS NOT NULL AND actual_dimension = dimension
        THEN round(actual_number * actual_ratio / ratio, 6)::DECIMAL(24, 6)
      WHEN actual IS NULL AND measure = 'growth' AND level_dimension = before_dimension AND before_number > 0
        THEN round((level_number / before_number - 1) * 100, 2)::DECIMAL(24, 6)
      WHEN actual IS NULL AND measure = 'level' AND grown_number IS NOT NULL AND before_dimension = dimension
        THEN round(before_number * (1 + grown_number / 100) / ratio, 6)::DECIMAL(24, 6)
    END AS reached,
    CASE
      WHEN actual IS NULL AND measure = 'growth' AND level_dimension = before_dimension AND before_number > 0
        THEN [level_id, before_id]
      WHEN actual IS NULL AND measure = 'level' AND grown_number IS NOT NULL AND before_dimension = dimension
        THEN [grown_id, before_id]
      ELSE []
    END AS inputs,
    CASE WHEN unit IN ('percent', 'percentage_point') THEN 0.5 ELSE abs(value) * 0.05 END AS tolerance
  FROM paired
),
bounded AS ( -- the target as bounds that are held from below, from above, or both; the actual as what it can be at least and at most
  SELECT *,
    CASE
      WHEN value IS NULL THEN NULL
      WHEN comparator IN ('ge', 'gt') THEN value::DOUBLE
      WHEN comparator IN ('le', 'lt') THEN NULL
      WHEN direction = 'lower' THEN NULL
      WHEN comparator = 'approx' OR (direction = 'neutral' AND comparator = 'eq') THEN value - tolerance
      ELSE value
    END AS least,
    CASE
      WHEN value IS NULL THEN NULL
      WHEN comparator IN ('le', 'lt') THEN value::DOUBLE
      WHEN comparator IN ('ge', 'gt') THEN NULL
      WHEN direction = 'higher' THEN NULL
      WHEN comparator = 'range' THEN value_high
      WHEN comparator = 'approx' OR (direction = 'neutral' AND comparator = 'eq') THEN value + tolerance
      ELSE value
    END AS most,
    CASE WHEN len(inputs) = 0 AND actual_comparator IN ('le', 'lt') THEN '-infinity'::DOUBLE ELSE reached END AS low,
    CASE
      WHEN len(inputs) = 0 AND actual_comparator IN ('ge', 'gt') THEN 'infinity'::DOUBLE
      WHEN len(inputs) = 0 AND actual_comparator = 'range' THEN actual_high
      ELSE reached
    END AS high
  FROM reached
),
judged AS (
  SELECT *,
    CASE
      WHEN actual_stance IN ('discontinued', 'unavailable') THEN actual_stance::VARCHAR
      WHEN stance IN ('discontinued', 'unavailable') THEN stance::VARCHAR
      WHEN reported IS NOT NULL THEN 'as_reported'
      WHEN stance = 'as_assigned' AND actual IS NOT NULL THEN 'target_not_stated'
      WHEN stance IN ('in_line_with_growth', 'above_growth', 'above_overall') AND reached IS NOT NULL
        THEN CASE WHEN reference_number IS NULL THEN 'no_reference' ELSE 'relative' END
      WHEN stance IN ('rise', 'fall', 'narrow', 'moderate_growth', 'flat') AND actual IS NOT NULL
        THEN CASE WHEN actual_stance = stance OR measure IN ('growth', 'change') AND reached IS NOT NULL THEN 'direction' ELSE 'no_reference' END
      WHEN stance IS NOT NULL AND actual IS NOT NULL THEN 'wording'
      WHEN reached IS NOT NULL AND len(inputs) > 0 THEN 'derived'
      WHEN reached IS NOT NULL THEN 'number'
      WHEN actual_stance IS NOT NULL THEN 'no_number'
      WHEN actual IS NOT NULL THEN 'other_unit'
      WHEN other_scope IS NOT NULL THEN 'other_scope'
      ELSE 'no_actual'
    END AS reason
  FROM bounded
)
SELECT
  'a-' || id AS id,
  region, indicator, category, year, period, measure, base_period, scope, designation, document,
  ordinal AS target,
  coalesce(reported, actual_row, CASE WHEN reason = 'other_scope' THEN other_scope END) AS actual,
  CASE reason
    WHEN 'no_actual' THEN 'open'
    WHEN 'as_reported' THEN 'met'
    WHEN 'number' THEN verdict
    WHEN 'derived' THEN verdict
    WHEN 'relative' THEN CASE
      WHEN stance = 'in_line_with_growth' THEN if(reached >= reference_number - 0.5, 'met', 'missed')
      ELSE if(reached > reference_number, 'met', 'missed')
    END
    WHEN 'direction' THEN CASE
      WHEN actual_stance = stance THEN 'met'
      WHEN stance IN ('rise', 'moderate_growth') THEN if(reached > 0, 'met', 'missed')
      WHEN stance IN ('fall', 'narrow') THEN if(reached < 0, 'met', 'missed')
      ELSE if(reached = 0, 'met', 'missed')
    END
    ELSE 'not_comparable'
  END AS outcome,
  CASE WHEN verdict = 'not_comparable' AND reason IN ('number', 'derived') THEN 'bound' ELSE reason END AS reason,
  CASE
    WHEN reason IN ('number', 'derived') AND verdict != 'not_comparable' THEN reached - value
    WHEN reason = 'relative' THEN reached - reference_number
  END::DECIMAL(24, 6) AS gap,
  unit, unit_multiplier, unit_label,
  CASE WHEN len(inputs) > 0 THEN reached END AS derived_value,
  CASE WHEN reason = 'relative' THEN list_concat(inputs, [reference_id]) ELSE inputs END AS derived_from
FROM judged, LATERAL (
  SELECT CASE
    WHEN least IS NOT NULL AND (high < least OR (comparator = 'gt' AND high = least)) THEN 'missed'
    WHEN most IS NOT NULL AND (low > most OR (comparator = 'lt' AND low = most)) THEN 'missed'
    WHEN (least IS NULL OR low > least OR (low = least AND comparator != 'gt'))
      AND (most IS NULL OR high < most OR (high = most AND comparator != 'lt')) THEN 'met'
    ELSE 'not_comparable'
  END AS verdict
);
