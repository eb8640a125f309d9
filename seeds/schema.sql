-- One snapshot of plan indicators: the meeting point of the loaders, which write it, and the API, which reads it.
-- What SQL can hold of the normal form is held here. References between tables are checked before publication,
-- not by foreign keys: a key costs an index that slows reading.

CREATE TYPE region_level AS ENUM ('province', 'prefecture', 'county');
CREATE TYPE document_kind AS ENUM ('plan-report', 'work-report', 'work-programme', 'other');
CREATE TYPE direction AS ENUM ('higher', 'lower', 'neutral');
CREATE TYPE role AS ENUM ('target', 'actual');
CREATE TYPE status AS ENUM ('final', 'estimated');
CREATE TYPE measure AS ENUM ('level', 'growth', 'average_growth', 'change', 'rank');
CREATE TYPE comparator AS ENUM ('eq', 'ge', 'gt', 'le', 'lt', 'approx', 'range');
CREATE TYPE stance AS ENUM (
  'in_line_with_growth', 'above_growth', 'above_overall', 'as_assigned', 'rise', 'fall', 'narrow',
  'moderate_growth', 'flat', 'discontinued', 'unavailable', 'other'
);

CREATE TYPE outcome AS ENUM ('met', 'missed', 'open', 'not_comparable');

CREATE TYPE discrepancy_kind AS ENUM ('within_document', 'between_documents', 'arithmetic', 'implausible');
CREATE TYPE severity AS ENUM ('high', 'medium', 'low');

CREATE TABLE snapshot (
  id VARCHAR NOT NULL,               -- time of publication and digest of the contents
  schema_version INTEGER NOT NULL,   -- a server refuses a snapshot of another version
  published_at TIMESTAMPTZ NOT NULL,
  observations INTEGER NOT NULL,
  documents INTEGER NOT NULL
);

CREATE TABLE regions (               -- the whole of GB/T 2260
  code VARCHAR NOT NULL CHECK (regexp_full_match(code, '[0-9]{6}')),
  name VARCHAR NOT NULL,
  name_en VARCHAR NOT NULL,
  level region_level NOT NULL,
  parent VARCHAR                     -- null for a province
);

CREATE TABLE categories (
  id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  name_en VARCHAR NOT NULL,
  description VARCHAR NOT NULL
);

CREATE TABLE units (
  id VARCHAR NOT NULL,               -- unit of measure: CNY, person, percent
  name VARCHAR NOT NULL,
  name_en VARCHAR NOT NULL,
  dimension VARCHAR NOT NULL,        -- units of one dimension convert
  factor DECIMAL(24, 6) NOT NULL     -- value in this unit × factor = value in the base unit of the dimension
);

CREATE TABLE codes (                 -- every closed list, with names
  list VARCHAR NOT NULL,
  code VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  name_en VARCHAR NOT NULL
);

CREATE TABLE indicators (
  id VARCHAR NOT NULL CHECK (regexp_full_match(id, '[a-z][a-z0-9_]*')),
  name VARCHAR NOT NULL,
  name_en VARCHAR,                   -- null where not reviewed
  category VARCHAR,                  -- null where nothing tells it
  unit VARCHAR,                      -- default unit; null for a plain ratio, or where not known
  unit_multiplier TINYINT,
  unit_label VARCHAR,
  direction direction NOT NULL,      -- which way is better
  definition VARCHAR,
  aliases VARCHAR[] NOT NULL,        -- names under which documents state it
  reviewed BOOLEAN NOT NULL          -- false for u_…: a name that the catalogue does not have
);

CREATE TABLE wholes (                -- of what an indicator is a part: what 快于面上 is compared with, and what it cannot exceed
  indicator VARCHAR NOT NULL,
  whole VARCHAR NOT NULL
);

CREATE TABLE addends (               -- those of the parts that together are the whole
  indicator VARCHAR NOT NULL,
  whole VARCHAR NOT NULL
);

CREATE TABLE ratios (                -- an indicator that is one divided by another, where the definitions agree
  indicator VARCHAR NOT NULL,
  numerator VARCHAR NOT NULL,
  denominator VARCHAR,               -- null for an index whose base is the year before, as 100
  growths BOOLEAN NOT NULL           -- whether its growth follows from theirs: not where these are at constant prices
);

CREATE TABLE parts (                 -- an indicator that stands for several, and is said of each
  indicator VARCHAR NOT NULL,
  part VARCHAR NOT NULL,
  word VARCHAR NOT NULL              -- a document's name for it that holds this word means each
);

CREATE TABLE counts (                -- of what there are observations, and how many: counting takes longer than all else of a list
  kind VARCHAR NOT NULL CHECK (kind IN ('indicator', 'region', 'document', 'category', 'year', 'unit')),
  id VARCHAR NOT NULL,
  years SMALLINT[] NOT NULL,
  regions INTEGER NOT NULL,
  targets INTEGER NOT NULL,          -- of the observations
  observations INTEGER NOT NULL
);

CREATE TABLE spellings (             -- what q finds: each name, and how it is read
  kind VARCHAR NOT NULL CHECK (kind IN ('indicator', 'region', 'document')),
  id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  alias BOOLEAN NOT NULL,            -- comes after names; so does a region's name without 市, 县, 区
  used INTEGER NOT NULL,             -- its observations, of which counts tells
  pinyin VARCHAR NOT NULL            -- syllables without tones and words of other letters, with spaces between
);

CREATE TABLE source_names (          -- each once: what q finds in observations
  name VARCHAR NOT NULL
);

CREATE TABLE syllables (             -- the characters that are read like this, most of 20,000
  syllable VARCHAR NOT NULL,
  characters VARCHAR NOT NULL
);

CREATE TABLE documents (
  id VARCHAR NOT NULL,               -- region, year of publication, kind
  title VARCHAR NOT NULL,
  kind document_kind NOT NULL,
  region VARCHAR NOT NULL,
  issuer VARCHAR,
  number VARCHAR,
  issued_on DATE,
  published_on DATE,
  known_on DATE NOT NULL,            -- from when as_of sees it: publication, else issue, else delivery, else the year after the report year
  url VARCHAR,
  sha256 VARCHAR NOT NULL,           -- of the bytes
  quality STRUCT(name VARCHAR, count INTEGER)[] NOT NULL, -- what was damaged, and in how many places
  complete BOOLEAN NOT NULL,
  missing VARCHAR[] NOT NULL,        -- what is known to be missing
  figures INTEGER NOT NULL,          -- the number audit: figures = observed + not_values + unread
  observed INTEGER NOT NULL,
  not_values INTEGER NOT NULL,
  unread INTEGER NOT NULL,
  CHECK (figures = observed + not_values + unread)
);

CREATE TABLE observations (
  ordinal INTEGER NOT NULL,          -- dense row number in the order region, year, category, indicator, id: what cursors hold
  id VARCHAR NOT NULL,               -- digest of the document, offset, ordinal at that offset: stable over snapshots
  region VARCHAR NOT NULL,
  indicator VARCHAR NOT NULL,
  category VARCHAR,                  -- the indicator's
  year SMALLINT NOT NULL CHECK (year BETWEEN 1949 AND 2100),
  period VARCHAR NOT NULL CHECK (regexp_full_match(period, '[0-9]{4}(-(S[12]|Q[1-4]|[01][0-9]))?(/[0-9]{4}(-[01][0-9])?)?')),
  role role NOT NULL,
  status status,                     -- of an actual
  measure measure NOT NULL,
  base_period VARCHAR,               -- what a growth or change is measured against where it is not the year before
  comparator comparator,
  value DECIMAL(24, 6),
  value_high DECIMAL(24, 6),
  unit VARCHAR,                      -- null for a stance and for plain ratios and indices
  unit_multiplier TINYINT,           -- power of ten: 亿元 is CNY and 8
  unit_label VARCHAR,                -- as people write it: 亿元
  stance stance,
  scope VARCHAR,
  responsible VARCHAR[] NOT NULL,
  designation VARCHAR,
  preferred BOOLEAN NOT NULL,
  quality VARCHAR[],                 -- repairs that touched the clause; null for none
  document VARCHAR NOT NULL,
  section VARCHAR,
  "table" VARCHAR CHECK (regexp_full_match("table", '[ta][0-9]{1,3}')), -- null in running text
  "row" VARCHAR,
  quote VARCHAR NOT NULL,
  quote_start INTEGER NOT NULL CHECK (quote_start >= 0),
  quote_end INTEGER NOT NULL,
  source_name VARCHAR NOT NULL,
  source_category VARCHAR,
  known_on DATE NOT NULL,            -- the document's
  rule VARCHAR NOT NULL,             -- which rule read it
  CHECK (length(quote) = quote_end - quote_start AND quote_end > quote_start),
  CHECK ((status IS NULL) = (role = 'target')),
  CHECK ((comparator IS NULL) = (value IS NULL)),
  CHECK ((stance IS NULL) = (value IS NOT NULL)),
  CHECK ((value_high IS NOT NULL) = (coalesce(comparator = 'range', false))),
  CHECK (value_high IS NULL OR value_high > value),
  CHECK (unit IS NULL OR (value IS NOT NULL AND unit_multiplier IS NOT NULL AND unit_label IS NOT NULL))
);

CREATE VIEW conversions AS             -- a number in the unit × ratio is a number in base units of the dimension; quotients too
SELECT used.unit, one.dimension || coalesce('/' || two.dimension, '') AS dimension,
  one.factor::DOUBLE / coalesce(two.factor::DOUBLE, 1) AS ratio
FROM (SELECT DISTINCT unit, string_split(unit, '_per_') AS parts FROM observations WHERE unit IS NOT NULL) AS used
JOIN units AS one ON one.id = used.parts[1]
LEFT JOIN units AS two ON two.id = used.parts[2]
WHERE len(used.parts) = 1 OR two.id IS NOT NULL;

CREATE TABLE unread (                -- figures that no rule could read, with the reason
  document VARCHAR NOT NULL,
  quote VARCHAR NOT NULL,
  quote_start INTEGER NOT NULL,
  quote_end INTEGER NOT NULL,
  reason VARCHAR NOT NULL
);

CREATE TABLE assessments (           -- was the plan met: what assessments.sql says of all that is known
  ordinal INTEGER NOT NULL,          -- dense row number in the order region, year, category, indicator, id
  id VARCHAR NOT NULL,               -- a- and the target's id
  region VARCHAR NOT NULL,
  indicator VARCHAR NOT NULL,
  category VARCHAR,
  year SMALLINT NOT NULL,
  period VARCHAR NOT NULL,
  measure measure NOT NULL,
  base_period VARCHAR,
  scope VARCHAR,
  designation VARCHAR,               -- the target's
  document VARCHAR NOT NULL,         -- the target's
  target INTEGER NOT NULL,           -- row number of the target's observation
  actual INTEGER,                    -- row number of the actual's; null where there is none
  outcome outcome NOT NULL,
  reason VARCHAR NOT NULL,           -- list assessment_reasons
  gap DECIMAL(24, 6),                -- actual less target in the target's unit
  unit VARCHAR,                      -- the target's
  unit_multiplier TINYINT,
  unit_label VARCHAR,
  derived_value DECIMAL(24, 6),      -- the actual in the target's measure, where it is derived
  derived_from VARCHAR[] NOT NULL    -- ids of the observations that this and a relative target rest on
);

CREATE TABLE assessment_summaries (  -- how the targets of a region and year stand: what assessments.sql counts of assessments
  region VARCHAR NOT NULL,
  year SMALLINT NOT NULL,
  categories STRUCT(
    category VARCHAR, targets BIGINT, met BIGINT, missed BIGINT, open BIGINT, not_comparable BIGINT
  )[] NOT NULL
);

CREATE TABLE discrepancies (         -- what contradicts what: as discrepancies.sql finds it
  ordinal INTEGER NOT NULL,          -- dense row number in the order region, year, category, indicator, id
  id VARCHAR NOT NULL,               -- d-, the kind, and the id of the first observation
  region VARCHAR NOT NULL,
  indicator VARCHAR NOT NULL,
  category VARCHAR,
  year SMALLINT NOT NULL,            -- the last one, where several are concerned
  period VARCHAR NOT NULL,
  role role NOT NULL,
  measure measure NOT NULL,
  scope VARCHAR,
  kind discrepancy_kind NOT NULL,
  severity severity NOT NULL,
  reason VARCHAR NOT NULL,           -- list discrepancy_reasons
  observations INTEGER[] NOT NULL,   -- row numbers
  documents VARCHAR[] NOT NULL
);

CREATE TABLE claims (                -- what a document says itself of how its targets were met; null is what it does not say
  document VARCHAR NOT NULL,
  year SMALLINT NOT NULL CHECK (year BETWEEN 1949 AND 2100), -- whose targets are counted
  targets SMALLINT,
  met SMALLINT,
  missed SMALLINT,
  unavailable SMALLINT,              -- of which there is no figure
  quote VARCHAR NOT NULL,            -- where the claim begins
  quote_start INTEGER NOT NULL CHECK (quote_start >= 0),
  quote_end INTEGER NOT NULL,
  CHECK (length(quote) = quote_end - quote_start AND quote_end > quote_start),
  CHECK (coalesce(met, missed, unavailable) IS NOT NULL),
  CHECK (targets IS NULL OR coalesce(met, 0) + coalesce(missed, 0) + coalesce(unavailable, 0) <= targets)
);
