-- Every closed list in its own order, with the units as one of them: those of the list, then the quotients in use.
WITH used AS (
  SELECT id AS unit FROM counts WHERE kind = 'unit'
  UNION
  SELECT unit FROM indicators
),
parts AS (
  SELECT unit, unnest(string_split(unit, '_per_')) AS part, generate_subscripts(string_split(unit, '_per_'), 1) AS place
  FROM used
  WHERE contains(unit, '_per_')
),
quotients AS (
  SELECT unit, string_agg(name, '/' ORDER BY place) AS name, string_agg(name_en, ' per ' ORDER BY place) AS name_en
  FROM parts JOIN units ON units.id = parts.part
  GROUP BY unit
),
every AS (
  SELECT 1 AS part, rowid AS place, list, code, name, name_en FROM codes
  UNION ALL
  SELECT 2, rowid, 'units', id, name, name_en FROM units
  UNION ALL
  SELECT 3, row_number() OVER (ORDER BY unit), 'units', unit, name, name_en FROM quotients
)
SELECT list AS name, list({'code': code, 'name': name, 'name_en': name_en} ORDER BY part, place) AS codes
FROM every
GROUP BY list
ORDER BY min(part), min(place)
