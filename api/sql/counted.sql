-- How many observations answer a query.
WITH RECURSIVE
--> observed
SELECT count(*) AS total FROM observed
