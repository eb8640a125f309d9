-- Every closed list in its own order, with the units as one of them.
WITH every AS (
  SELECT 1 AS part, rowid AS place, list, code, name, name_en FROM codes
  UNION ALL
  SELECT 2, rowid, 'units', id, name, name_en FROM units
)
SELECT list AS name, list({'code': code, 'name': name, 'name_en': name_en} ORDER BY part, place) AS codes
FROM every
GROUP BY list
ORDER BY min(part), min(place)
