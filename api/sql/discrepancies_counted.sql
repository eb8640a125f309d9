-- How many discrepancies the filters select.
SELECT count(*) AS total
--> disputed
