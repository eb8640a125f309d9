-- How many assessments the filters select.
SELECT count(*) AS total
--> judged
