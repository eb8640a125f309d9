-- How many observations answer a query.
WITH
--> observed
SELECT count(*) AS total FROM observed
