-- The regions of these codes with those above them, by code.
SELECT code AS region, name AS region_name, name_en AS region_name_en, parent
FROM regions
WHERE list_contains($region::VARCHAR[], code)
  OR code IN (SELECT parent FROM regions WHERE list_contains($region::VARCHAR[], code))
ORDER BY code
