-- Made-up observations in the project's own schema: $size of them, the same for the same $seed.
-- A document for each of ten years of a county states 350 figures: of 100 indicators the level and the growth of the year
-- before and a target of its own year; of 50 it says one of these again. Nothing of it is true, nothing is ever served.
-- The catalogue of indicators is filled before; about as in real documents are the shares of categories, comparators,
-- stances, estimates, tables, responsible bodies, and of figures that contradict another.

CREATE TEMP MACRO luck(what, a, b, c) AS (hash($seed, what, a, b, c) % 1000003) / 1000003.0;

INSERT INTO indicators (id, name, category, direction, aliases, reviewed)
SELECT 'u_' || md5(number::VARCHAR)[:10], '未收录的指标' || number, NULL, 'neutral', [], false
FROM range(30) AS made (number);

CREATE TEMP TABLE shares AS -- of 100 indicators of a county, by category
SELECT * FROM (VALUES
  ('economy', 40), ('livelihood', 16), ('environment', 11), ('innovation', 9), ('coordinated_development', 7),
  ('safety', 5), ('governance', 4), ('culture', 3), ('opening_up', 2), (NULL, 3)
) AS shares (category, share);

CREATE TEMP TABLE candidates AS -- for each of the 100, the indicators that a county may have there
SELECT indicators.id, name, shares.category, unit, unit_multiplier, unit_label,
  first + number % share AS slot,
  number // share AS choice,
  count(*) OVER (PARTITION BY first + number % share) AS choices
FROM (
  SELECT *, row_number() OVER (PARTITION BY category ORDER BY reviewed DESC, rowid) - 1 AS number FROM indicators
) AS indicators
JOIN (
  SELECT *, sum(share) OVER (ORDER BY share DESC, category) - share AS first FROM shares
) AS shares ON shares.category IS NOT DISTINCT FROM indicators.category;

CREATE TEMP TABLE counties AS
SELECT code, row_number() OVER (ORDER BY code) - 1 AS county
FROM regions WHERE level = 'county';

CREATE TEMP TABLE chosen AS -- the indicators of a county: mostly the first candidate, with a level to begin with and a pace
SELECT county, code, candidates.* EXCLUDE (choice, choices),
  coalesce(unit, 'percent') AS of_unit,
  coalesce(unit_multiplier, 0) AS of_multiplier,
  coalesce(unit_label, '%') AS of_label,
  CASE WHEN coalesce(unit, 'percent') = 'percent' THEN 20 + 60 * luck('level', county, slot, 0)
    ELSE exp(1 + 8 * luck('level', county, slot, 0)) END AS base,
  CASE WHEN coalesce(unit, 'percent') = 'percent' THEN 0.01 ELSE 0.02 + 0.1 * luck('pace', county, slot, 0) END AS pace
FROM counties CROSS JOIN candidates
WHERE county < ceil($size / 3500) AND choice = floor(choices * pow(luck('choice', county, slot, 0), 4));

INSERT INTO documents BY NAME
SELECT
  code || '-' || made || '-plan-report' AS id,
  made - 1 || '年国民经济和社会发展计划执行情况与' || made || '年计划草案的报告' AS title,
  'plan-report' AS kind,
  code AS region,
  '发展和改革局' AS issuer,
  make_date(made, 1, 10) AS issued_on,
  make_date(made, 3, 1 + county % 28) AS published_on,
  make_date(made, 3, 1 + county % 28) AS known_on,
  'https://example.org/' || code || '/' || made AS url,
  sha256(code || made) AS sha256,
  CASE WHEN luck('damage', county, made, 0) < 0.2 THEN [{'name': 'pinyin', 'count': 7}] ELSE [] END AS quality,
  true AS complete,
  [] AS missing,
  402 AS figures, 350 AS observed, 50 AS not_values, 2 AS unread
FROM counties, range(2014, 2024) AS years (made)
WHERE (county * 10 + made - 2014) * 350 < $size;

INSERT INTO unread
SELECT id, quote, start, start + length(quote), 'no_subject'
FROM documents, LATERAL (VALUES ('约2个百分点左右', 60000), ('约3个百分点左右', 60100)) AS made (quote, start);

INSERT INTO observations BY NAME
WITH
stated AS (
  SELECT *,
    CASE WHEN kind < 3 THEN slot * 3 + kind ELSE 300 + slot END AS place,
    CASE WHEN kind = 2 OR (kind = 3 AND slot >= 25) THEN 'target' ELSE 'actual' END AS role,
    CASE WHEN kind = 1 OR (kind >= 2 AND slot % 2 = 1 AND (kind = 2 OR slot >= 25)) THEN 'growth' ELSE 'level' END AS measure,
    CASE WHEN kind = 2 THEN made ELSE made - 1 END AS year,
    base * pow(1 + pace, made - 2015) * (1 + 0.04 * luck('year', county, slot, made - 1)) AS level,
    base * pow(1 + pace, made - 2016) * (1 + 0.04 * luck('year', county, slot, made - 2)) AS before
  FROM chosen CROSS JOIN range(2014, 2024) AS years (made) CROSS JOIN range(4) AS kinds (kind)
  WHERE (kind < 3 OR slot < 50)
),
valued AS (
  SELECT *,
    CASE
      WHEN role = 'target' AND slot % 33 = 32 THEN 'in_line_with_growth'
      WHEN role = 'target' AND slot % 33 = 31 THEN 'as_assigned'
    END AS stance,
    CASE
      -- a target is what is hoped for, the same in both documents that state it but for one in fifty
      WHEN role = 'target' AND measure = 'growth'
        THEN round(100 * pace + 4 * luck('hope', county, slot, year) + if(kind = 3 AND luck('slip', county, slot, year) < 0.02, 1, 0), 1)
      WHEN role = 'target' THEN round(
        base * pow(1 + pace, year - 2014) * (1 + 0.04 * luck('hope', county, slot, year))
        * if(kind = 3 AND luck('slip', county, slot, year) < 0.02, 1.1, 1), 1)
      -- one growth in a hundred is not what the levels give
      WHEN measure = 'growth'
        THEN round((level / before - 1) * 100 + if(luck('wrong', county, slot, made) < 0.01, 3, 0), 1)
      WHEN kind = 3 AND luck('slip', county, slot, made) < 0.01 THEN round(level * 1.2, 2)
      WHEN kind = 3 THEN round(level, 1)
      ELSE round(level, 2)
    END::DECIMAL(24, 6) AS number,
    CASE
      WHEN role = 'actual' THEN if(slot % 50 = 7, 'approx', 'eq')
      ELSE CASE floor(20 * luck('comparator', county, slot, year))
        WHEN 0 THEN 'approx' WHEN 1 THEN 'ge' WHEN 2 THEN 'ge' WHEN 3 THEN 'le' WHEN 4 THEN 'range' ELSE 'eq'
      END
    END AS compared
  FROM stated
  WHERE (county * 10 + made - 2014) * 350 + place < $size
),
worded AS (
  SELECT *,
    if(measure = 'growth', 'percent', of_unit) AS in_unit,
    if(measure = 'growth', 0, of_multiplier) AS in_multiplier,
    if(measure = 'growth', '%', of_label) AS in_label,
    (CASE
      WHEN stance IS NOT NULL THEN name || '的增长与全年经济增长保持同步, 完成上级下达的任务'
      WHEN slot % 40 = 39 THEN name || '(“十大”行动)达到' || rtrim(rtrim(number::VARCHAR, '0'), '.') || '左右, 全面完成'
      ELSE '预计全年' || name || if(measure = 'growth', '比上年增长', '达到') || rtrim(rtrim(number::VARCHAR, '0'), '.')
        || if(measure = 'growth', '%', of_label) || ', 高于上年同期水平'
    END)[:60] AS quote
  FROM valued
)
SELECT
  0 AS ordinal,
  sha256(code || made)[:12] || '-' || place * 80 || '-1' AS id,
  code AS region,
  id AS indicator,
  category,
  year,
  year::VARCHAR AS period,
  role,
  CASE WHEN role = 'actual' THEN if(slot % 20 = 3, 'estimated', 'final') END AS status,
  measure,
  if(stance IS NULL, compared, NULL) AS comparator,
  if(stance IS NULL, number, NULL) AS value,
  if(stance IS NULL AND compared = 'range', number + 2, NULL) AS value_high,
  if(stance IS NULL, in_unit, NULL) AS unit,
  if(stance IS NULL, in_multiplier, NULL) AS unit_multiplier,
  if(stance IS NULL, in_label, NULL) AS unit_label,
  stance,
  if(slot % 16 = 5, '规上', NULL) AS scope,
  if(slot % 3 = 0, ['发展和改革局'], if(slot % 30 = 1, ['统计局', '财政局'], [])) AS responsible,
  if(role = 'target', if(slot % 4 = 0, '约束性', '预期性'), NULL) AS designation,
  false AS preferred,
  if(slot % 9 = 0, ['pinyin'], NULL) AS quality,
  code || '-' || made || '-plan-report' AS document,
  if(role = 'target', '二、国民经济和社会发展主要目标', '一、国民经济和社会发展计划执行情况') AS section,
  if(kind < 3 AND slot % 5 < 2, 't1', NULL) AS "table",
  if(kind < 3 AND slot % 5 < 2, slot::VARCHAR, NULL) AS "row",
  quote,
  place * 80 AS quote_start,
  place * 80 + length(quote) AS quote_end,
  name AS source_name,
  if(kind < 3 AND slot % 5 < 2, '经济发展', NULL) AS source_category,
  make_date(made, 3, 1 + county % 28) AS known_on,
  if(kind < 3 AND slot % 5 < 2, 'table_cell', 'subject_before') AS rule
FROM worded
ORDER BY county, made, place;
